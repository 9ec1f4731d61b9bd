package io.lockstep.runtime;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.lockstep.runtime.graph.DataDependentOperator;
import io.lockstep.runtime.graph.Operator;

/** Who may know whom inside the runtime. */
@AnalyzeClasses(
    packages = "io.lockstep.runtime",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  private static final String BASE = "io.lockstep.runtime.";

  @ArchTest
  static final ArchRule layersLookDownOnly =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .layer("error")
          .definedBy(BASE + "error")
          .layer("tensor")
          .definedBy(BASE + "tensor")
          .layer("quant")
          .definedBy(BASE + "quant")
          .layer("kernel")
          .definedBy(BASE + "kernel")
          .layer("scalar")
          .definedBy(BASE + "kernel.scalar")
          .layer("vector")
          .definedBy(BASE + "kernel.vector")
          .layer("jit")
          .definedBy(BASE + "kernel.jit")
          .layer("graph")
          .definedBy(BASE + "graph")
          .layer("operator")
          .definedBy(BASE + "operator")
          .layer("rewrite")
          .definedBy(BASE + "rewrite")
          .layer("plan")
          .definedBy(BASE + "plan")
          .layer("decoder")
          .definedBy(BASE + "decoder")
          .layer("pattern")
          .definedBy(BASE + "pattern")
          .layer("tokenizer")
          .definedBy(BASE + "tokenizer")
          .layer("grammar")
          .definedBy(BASE + "grammar")
          .layer("sampling")
          .definedBy(BASE + "sampling")
          .layer("importer")
          .definedBy(BASE + "importer..")
          .layer("root")
          .definedBy("io.lockstep.runtime")
          .whereLayer("root")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("importer")
          .mayOnlyBeAccessedByLayers("root")
          .whereLayer("plan")
          .mayOnlyBeAccessedByLayers("root")
          .whereLayer("rewrite")
          .mayOnlyBeAccessedByLayers("root")
          .whereLayer("operator")
          .mayOnlyBeAccessedByLayers("rewrite", "importer")
          .whereLayer("jit")
          .mayOnlyBeAccessedByLayers("root")
          .whereLayer("vector")
          .mayOnlyBeAccessedByLayers("jit", "root")
          .whereLayer("scalar")
          .mayOnlyBeAccessedByLayers("vector", "root")
          .whereLayer("sampling")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("decoder")
          .mayOnlyBeAccessedByLayers("importer", "root")
          .whereLayer("pattern")
          .mayOnlyBeAccessedByLayers("tokenizer", "grammar")
          .whereLayer("tokenizer")
          .mayOnlyBeAccessedByLayers("grammar", "importer", "root");

  @ArchTest
  static final ArchRule packagesHaveNoCycles =
      slices().matching("io.lockstep.runtime.(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule vectorsStayInTheirBackend =
      noClasses()
          .that()
          .resideOutsideOfPackage(BASE + "kernel.vector")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("jdk.incubator.vector..");

  @ArchTest
  static final ArchRule nativeCallsStayInTheirBackendAndWhereMemoryComesFrom =
      noClasses()
          .that()
          .resideOutsideOfPackage(BASE + "kernel.jit")
          .and()
          .doNotHaveFullyQualifiedName(BASE + "tensor.LargePages")
          .should()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.lang.foreign.Linker");

  @ArchTest
  static final ArchRule jsonStaysWithFilesOfJson =
      noClasses()
          .that()
          .resideOutsideOfPackages(BASE + "tokenizer", BASE + "importer.safetensors")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("com.fasterxml..");

  @ArchTest
  static final ArchRule protobufStaysInTheImporter =
      noClasses()
          .that()
          .resideOutsideOfPackage(BASE + "importer.onnx..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("com.google.protobuf..");

  @ArchTest
  static final ArchRule operatorsAreRecords =
      classes()
          .that(assignableTo(Operator.class))
          .and()
          .doNotHaveFullyQualifiedName(Operator.class.getName())
          .and()
          .doNotHaveFullyQualifiedName(DataDependentOperator.class.getName())
          .and()
          .areNotInterfaces()
          .should()
          .beRecords();

  @ArchTest
  static final ArchRule planningDoesNotKnowOperators =
      noClasses()
          .that()
          .resideInAPackage(BASE + "plan")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(BASE + "operator", BASE + "importer..", BASE + "kernel.scalar");
}
