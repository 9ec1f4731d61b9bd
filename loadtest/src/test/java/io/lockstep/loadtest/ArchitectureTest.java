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
          .resideOutsideOfPackages("io.lockstep.loadtest.decode", "io.lockstep.loadtest.graph")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.lockstep.runtime..", "io.lockstep.server..", "io.lockstep.models..");
}
