package io.lockstep.server;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.lockstep.runtime.DecoderModel;
import io.lockstep.runtime.GraphModel;
import io.lockstep.server.serving.SystemTicker;
import java.time.Instant;
import java.util.concurrent.Executors;

/** Which package of the server may see which. */
@AnalyzeClasses(
    packages = "io.lockstep.server",
    importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {

  private static final String BASE = "io.lockstep.server";

  @ArchTest
  static final ArchRule queuesAndProtocolsMeetInTheRootAlone =
      layeredArchitecture()
          .consideringOnlyDependenciesInAnyPackage("io.lockstep.server..")
          .layer("serving")
          .definedBy(BASE + ".serving..")
          .layer("config")
          .definedBy(BASE + ".config..")
          .layer("metrics")
          .definedBy(BASE + ".metrics..")
          .layer("tracing")
          .definedBy(BASE + ".tracing..")
          .layer("batching")
          .definedBy(BASE + ".batching..")
          .layer("generation")
          .definedBy(BASE + ".generation..")
          .layer("chat")
          .definedBy(BASE + ".chat..")
          .layer("registry")
          .definedBy(BASE + ".registry..")
          .layer("dispatch")
          .definedBy(BASE + ".dispatch..")
          .layer("api")
          .definedBy(BASE + ".api..")
          .layer("http")
          .definedBy(BASE + ".http..")
          .layer("root")
          .definedBy(BASE)
          .whereLayer("root")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("http")
          .mayOnlyBeAccessedByLayers("root")
          .whereLayer("api")
          .mayOnlyBeAccessedByLayers("http", "root")
          .whereLayer("dispatch")
          .mayOnlyBeAccessedByLayers("root")
          .whereLayer("registry")
          .mayOnlyBeAccessedByLayers("dispatch", "root")
          .whereLayer("batching")
          .mayOnlyBeAccessedByLayers("registry", "dispatch")
          .whereLayer("chat")
          .mayOnlyBeAccessedByLayers("api")
          .whereLayer("generation")
          .mayOnlyBeAccessedByLayers("dispatch")
          .whereLayer("metrics")
          .mayOnlyBeAccessedByLayers("dispatch", "http", "root")
          .whereLayer("tracing")
          .mayOnlyBeAccessedByLayers("http", "root")
          .whereLayer("config")
          .mayOnlyBeAccessedByLayers("registry", "http", "root")
          .whereLayer("serving")
          .mayNotAccessAnyLayer();

  @ArchTest
  static final ArchRule packagesHaveNoCycles =
      slices().matching(BASE + ".(**)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule dialectsDoNotSeeEachOther =
      slices().matching(BASE + ".api.(*)..").should().notDependOnEachOther();

  @ArchTest
  static final ArchRule onlyProtocolsSeeTheWebServer =
      noClasses()
          .that(not(resideInAnyPackage(BASE + ".http..", BASE + ".api..")))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.javalin..", "org.eclipse.jetty..", "jakarta.servlet..");

  @ArchTest
  static final ArchRule onlyProtocolsAndConfigurationSeeJackson =
      noClasses()
          .that(
              not(
                  resideInAnyPackage(
                      BASE + ".http..", BASE + ".api..", BASE + ".chat..", BASE + ".config..")))
          .should()
          .dependOnClassesThat()
          .resideInAPackage("com.fasterxml..");

  @ArchTest
  static final ArchRule metersAreNamedInOnePackage =
      noClasses()
          .that(not(resideInAPackage(BASE + ".metrics..")))
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.micrometer..");

  @ArchTest
  static final ArchRule tracesAreMadeInOnePackage =
      noClasses()
          .that(not(resideInAPackage(BASE + ".tracing..")))
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.opentelemetry..");

  @ArchTest
  static final ArchRule onlyTheRuntimesFaceIsSeen =
      noClasses()
          .that(not(resideInAPackage(BASE)))
          .should()
          .dependOnClassesThat(
              resideInAPackage("io.lockstep.runtime..")
                  .and(
                      not(
                          resideInAnyPackage(
                              "io.lockstep.runtime",
                              "io.lockstep.runtime.tensor..",
                              "io.lockstep.runtime.error..",
                              "io.lockstep.runtime.decoder..",
                              "io.lockstep.runtime.sampling..",
                              "io.lockstep.runtime.grammar..",
                              "io.lockstep.runtime.tokenizer.."))));

  @ArchTest
  static final ArchRule timeComesFromTheTicker =
      noClasses()
          .that()
          .areNotAssignableTo(SystemTicker.class)
          .should()
          .callMethod(System.class, "nanoTime")
          .orShould()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(Instant.class, "now");

  @ArchTest
  static final ArchRule threadsStartInTheDispatchersAndTheRoot =
      noClasses()
          .that(not(resideInAPackage(BASE)))
          .and()
          .doNotHaveSimpleName("ModelDispatcher")
          .and()
          .doNotHaveSimpleName("GenerationDispatcher")
          .should()
          .callConstructor(Thread.class)
          .orShould()
          .callMethod(Thread.class, "ofPlatform")
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(Executors.class);

  @ArchTest
  static final ArchRule onlyTheRegistryAndInspectCloseModels =
      noClasses()
          .that(not(resideInAPackage(BASE + ".registry..")))
          .and()
          .doNotHaveSimpleName("InspectCommand")
          .should()
          .callMethod(GraphModel.class, "close")
          .orShould()
          .callMethod(DecoderModel.class, "close");
}
