package io.lockstep.loadtest;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.lockstep")
class ArchitectureTest {

  @ArchTest
  static final ArchRule loadComesFromOutside =
      noClasses()
          .that()
          .resideInAPackage("io.lockstep.loadtest..")
          .and()
          .resideOutsideOfPackage("io.lockstep.loadtest.decode")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.lockstep.runtime..", "io.lockstep.server..", "io.lockstep.models..");
}
