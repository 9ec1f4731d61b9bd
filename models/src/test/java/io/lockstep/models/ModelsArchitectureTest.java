package io.lockstep.models;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Set;

@AnalyzeClasses(packages = "io.lockstep.models", importOptions = DoNotIncludeTests.class)
final class ModelsArchitectureTest {
  /** Methods of Math whose last bits may differ between machines. */
  private static final Set<String> INEXACT =
      Set.of("exp", "log", "pow", "sin", "cos", "tan", "tanh", "expm1", "log1p", "log10");

  @ArchTest
  static final ArchRule goldensStayIndependentOfTheEngine =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.lockstep.runtime..", "io.lockstep.server..", "io.lockstep.loadtest..");

  @ArchTest
  static final ArchRule packagesAreFreeOfCycles =
      slices().matching("io.lockstep.models.(**)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule theModelsDoNotSeeEachOther =
      slices().matching("io.lockstep.models.(tabular|recurrent)..").should().notDependOnEachOther();

  @ArchTest
  static final ArchRule filesKnowNoModel =
      noClasses()
          .that()
          .resideInAPackage("..models.file..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.lockstep.models", "..models.tabular..", "..models.recurrent..");

  @ArchTest
  static final ArchRule resultsAreTheSameOnEveryMachine =
      noClasses()
          .should()
          .callMethodWhere(
              DescribedPredicate.describe(
                  "Math's inexact functions are called (StrictMath has the same to the bit)",
                  (JavaCall<?> call) ->
                      call.getTargetOwner().isEquivalentTo(Math.class)
                          && INEXACT.contains(call.getName())));
}
