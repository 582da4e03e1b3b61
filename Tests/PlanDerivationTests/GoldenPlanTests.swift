import PlanDerivation
import Planning
import Testing

/// Whole plans, as users see them. After a change that is meant: `leadsman plan shop.yaml --as shop/web > shop-web.plan` in Fixtures.
@Suite struct GoldenPlanTests {
    @Test("A healthy shop", arguments: ["web", "api"])
    func shop(_ name: String) throws {
        let plan = try derive(
            Fixture.text("PlanDerivationTests/Fixtures/shop.yaml"), as: "shop/\(name)", file: "shop.yaml")
        #expect(try plan.text == Fixture.text("PlanDerivationTests/Fixtures/shop-\(name).plan"))
        #expect(try read(plan).checks.count == plan.checks.count)
    }

    @Test(
        "The document of five scenarios",
        arguments: ["default/financial-db", "edge-processing/edge-processor", "default/data-sync"])
    func seeds(_ role: String) throws {
        let plan = try derive(
            Fixture.text("AuditingTests/Fixtures/scenarios.md"), as: role, file: "scenarios.md")
        #expect(try read(plan).checks.count == plan.checks.count)
        guard role == "default/financial-db" else { return }
        #expect(try plan.text == Fixture.text("PlanDerivationTests/Fixtures/scenarios-financial-db.plan"))
    }

    @Test func ofEachWorkload_theSamePlanComesTwice() throws {
        let text = try Fixture.text("PlanDerivationTests/Fixtures/shop.yaml")
        for role in ["shop/web", "shop/api", "shop/db", "lab/dashboard"] {
            #expect(try derive(text, as: role).text == derive(text, as: role).text)
            #expect(try !read(derive(text, as: role)).checks.isEmpty)
        }
    }

    @Test func credentialsInProbeHeaders_areNotRepeated() throws {
        let plan = try derive(Fixture.text("PlanDerivationTests/Fixtures/shop.yaml"), as: "shop/web")
        #expect(!plan.text.contains("swordfish") && !plan.text.contains("Authorization"))
    }
}
