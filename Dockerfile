# syntax=docker/dockerfile:1

# Build: the project's own wrapper on a JDK 25, then a Java runtime of just the modules that the
# server and its libraries use (`jdeps --print-module-deps` of server/target), the vector module and
# the flight recorder.
FROM eclipse-temurin:25-jdk AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/root/.m2 \
    ./mvnw -B -ntp -Dmaven.test.skip=true package
RUN jlink --output /jre --no-header-files --no-man-pages --strip-debug --add-modules \
        java.base,java.desktop,java.instrument,java.naming,java.net.http,java.rmi,java.security.jgss,java.sql,jdk.incubator.vector,jdk.jfr,jdk.management,jdk.unsupported

# Run: the same layout as the project folder, without sources, Maven or a JDK.
FROM debian:trixie-slim
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin lockstep
COPY --from=build /jre /opt/jre
WORKDIR /opt/lockstep
COPY --from=build /src/config config
COPY --from=build /src/models/target/repository models/target/repository
COPY --from=build /src/server/target/lib server/target/lib
COPY --from=build /src/server/target/lockstep-server-0.1.0.jar server/target/lockstep-server.jar
# The JVM keeps what a start needs, loaded and linked. It checks that flags and jars are those that
# it was made with, so it is made here, where they have their final places and times. On a processor
# without emitted kernels the rehearsal brings classes in that a cache cannot hold: none is made then.
RUN /opt/jre/bin/java @config/jvm.options -XX:AOTCacheOutput=/opt/lockstep/lockstep.aot \
        -jar /opt/lockstep/server/target/lockstep-server.jar \
        rehearse --models models/target/repository \
    || echo "there is no AOT cache; starts take a little longer"
USER 10001
EXPOSE 8080
STOPSIGNAL SIGTERM
# Bash speaks enough HTTP for this; the port is the one of CMD.
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /v2/health/ready HTTP/1.0\\r\\n\\r\\n' >&3 && read -r _ status _ <&3 && [ \"$status\" = 200 ]"]
ENTRYPOINT ["/opt/jre/bin/java", "@/opt/lockstep/config/jvm.options", "-XX:AOTCache=/opt/lockstep/lockstep.aot", "-Xlog:aot=off", "-Xlog:cds=off", "-Dlockstep.home=/opt/lockstep", "-jar", "/opt/lockstep/server/target/lockstep-server.jar"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8080"]
