package io.lockstep.server.http;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lockstep.server.api.TestServer;
import io.restassured.specification.RequestSpecification;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a page of another site can make a browser do here: nothing. */
final class CrossSiteIT {

  private static final String UNLOAD = "/v2/repository/models/floats/unload";
  private static final String LOAD = "/v2/repository/models/floats/load";

  private TestServer server;

  @BeforeEach
  void start() {
    server = TestServer.start();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private RequestSpecification from(String header, String value) {
    return given().baseUri(server.url()).header(header, value);
  }

  @Test
  void refusesPagesOfOtherSites() {
    for (String site : new String[] {"cross-site", "same-site"}) {
      from("Sec-Fetch-Site", site)
          .post(UNLOAD)
          .then()
          .statusCode(403)
          .body("error", containsString("other sites"));
    }
    for (String origin :
        new String[] {"https://evil.example", "null", "http://127.0.0.1:1", "evil"}) {
      from("Origin", origin).post(UNLOAD).then().statusCode(403);
    }
    from("Origin", "https://evil.example").post("/v1/embeddings").then().statusCode(403);
    assertEquals(List.of(), server.catalog().calls());
  }

  @Test
  void answersItsOwnPagesAndClientsThatAreNoBrowsers() {
    from("Sec-Fetch-Site", "same-origin").post(UNLOAD).then().statusCode(200);

    from("Origin", server.url()).post(LOAD).then().statusCode(200);
    from("Sec-Fetch-Site", "none").post(LOAD).then().statusCode(200);
    given().baseUri(server.url()).post(LOAD).then().statusCode(200);
    assertEquals(
        List.of("unload floats", "load floats", "load floats", "load floats"),
        server.catalog().calls());
  }

  @Test
  void letsOtherSitesLinkHere() {
    from("Sec-Fetch-Site", "cross-site").get("/v2").then().statusCode(200);
  }
}
