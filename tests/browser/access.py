"""Whether everybody can use a page: WCAG 2.2 A and AA by axe-core, small and enlarged windows, and the keyboard."""

import pathlib

import axe_playwright_python

AXE = (pathlib.Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
ALL = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
# What can differ between the same page in light and in dark.
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
# A narrow telephone, and a desk's window at 200 %.
NARROW = ({"width": 320, "height": 640}, {"width": 640, "height": 400})
STOPS_MAX = 60

RUN = """async (rules) => {
    const found = await axe.run(document, { runOnly: rules, resultTypes: ["violations"] });
    return found.violations.map((one) => one.id + ": " + one.help + one.nodes.map((node) =>
        "\\n      " + node.html.slice(0, 160) + "\\n      " + node.failureSummary.split("\\n").slice(1, 3).join(" ")).join(""));
}"""

# The part that has the focus: whether its ring is drawn, and whether anything lies over it.
STOP = """(wanted) => {
    const part = document.activeElement;
    if (!part || part === document.body) return { nothing: true };
    const ring = (one) => {
        const style = getComputedStyle(one);
        return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    };
    const label = part.closest("label");
    const shown = label && ring(label) ? label : part;
    const box = shown.getBoundingClientRect();
    const spots = [[0.5, 0.5], [0.05, 0.5], [0.95, 0.5], [0.5, 0.1], [0.5, 0.9]];
    const seen = spots.some(([x, y]) => {
        const top = document.elementFromPoint(box.left + box.width * x, box.top + box.height * y);
        return top && (shown.contains(top) || top.contains(shown));
    });
    return {
        there: part.matches(wanted), ring: ring(part) || shown !== part, seen,
        what: part.outerHTML.slice(0, 120),
    };
}"""


def assert_usable(page, name, rules=ALL):
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    found = page.evaluate(RUN, rules)
    assert not found, f"{name}:\n   " + "\n   ".join(found)


def assert_reflows(page, name):
    """Nothing is cut off at the side, however little fits."""
    for size in NARROW:
        page.set_viewport_size(size)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= size["width"], f"{name} is {wide} px wide in a window of {size['width']} px"


class Keyboard:
    """Whoever has no mouse: goes by Tab, and sees at each stop where they are."""

    def __init__(self, page):
        self.page = page

    def to(self, selector):
        for _ in range(STOPS_MAX):
            stop = self.page.evaluate(STOP, selector)
            if not stop.get("nothing"):
                assert stop["ring"], f"no focus is shown on {stop['what']}"
                assert stop["seen"], f"something lies over {stop['what']}"
                if stop["there"]:
                    return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab never comes to {selector}")

    def type(self, selector, text):
        self.to(selector)
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(text)

    def press(self, selector, key="Enter"):
        self.to(selector)
        self.page.keyboard.press(key)
