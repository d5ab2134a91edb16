"""What axe finds wrong with a page for people who see, hear or move differently."""

from pathlib import Path

from playwright.sync_api import Page

from tests.support.servers import missing

AXE = Path(__file__).resolve().parents[2] / "node_modules/axe-core/axe.min.js"
# For new_context(): a colour in mid-transition is no fault of the page.
STILL = {"reduced_motion": "reduce"}
IS_STILL = "() => document.getAnimations().every(({ playState }) => playState !== 'running')"
SERIOUS = """async () => {
    const { violations } = await axe.run(document, { resultTypes: ["violations"] });
    return violations.filter(({ impact }) => ["serious", "critical"].includes(impact))
        .flatMap(({ id, nodes }) => nodes.slice(0, 3).map(({ html }) => `${id}: ${html}`));
}"""


def faults(page: Page) -> list[str]:
    """The serious faults of the page as it is now: its address, the rule, and where.

    Waits until nothing moves any more: the context is one that asks for STILL pages, and a page
    that goes on moving all the same fails here.
    """
    if not AXE.exists():
        missing("axe-core")
    if page.locator('html[data-call-state="lobby"]').count():
        page.wait_for_selector('[data-action="join"]:enabled')
    page.wait_for_function(IS_STILL)
    page.evaluate(AXE.read_text())
    return [f"{page.url} {fault[:200]}" for fault in page.evaluate(SERIOUS)]
