// What a page must hold, looked at from inside it: an object of functions, each of which returns
// a list of faults as text, empty where the page holds. `harness.py` calls them.
(() => {
  const SLACK = 1; // CSS pixels of rounding
  const SIX_MILLIMETRES = (6 / 25.4) * 96; // CSS pixels
  const VAGUE = ["여기", "이곳", "클릭", "링크", "더보기", "더 보기", "자세히", "바로가기", "here"];
  const FOCUSABLE = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const squeezed = (text) => (text || "").replace(/\s+/g, " ").trim();

  const named = (element) => {
    const id = element.id ? `#${element.id}` : "";
    const classes = [...element.classList].map((name) => `.${name}`).join("");
    const text = squeezed(element.textContent).slice(0, 30);
    return `<${element.localName}${id}${classes}> ${text}`.trim();
  };
  const seen = (element) => element.checkVisibility({ visibilityProperty: true });
  // Only for the ear: shrunk to a dot, the usual way to hide text from the eye.
  const heardOnly = (box) => box.width <= 1 || box.height <= 1;

  function* texts() {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const parent = node.parentElement;
      if (!squeezed(node.data) || parent.closest("script, style, title, desc") || !seen(parent)) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      yield { parent, boxes: [...range.getClientRects()] };
    }
  }

  // The nearest box that would cut `box` off, or null; a box that scrolls shows all it holds,
  // but not on paper.
  const cutter = (parent, box, onPaper) => {
    const cutting = onPaper ? /hidden|clip|auto|scroll/ : /hidden|clip/;
    for (let one = parent; one && one !== document.documentElement; one = one.parentElement) {
      const frame = one.getBoundingClientRect();
      const { overflowX, overflowY, display } = getComputedStyle(one);
      if (display === "inline" && one.localName !== "svg") continue;
      if (heardOnly(frame)) return null;
      const wide = box.right > frame.right + SLACK || box.left < frame.left - SLACK;
      const high = box.bottom > frame.bottom + SLACK || box.top < frame.top - SLACK;
      if ((wide && cutting.test(overflowX)) || (high && cutting.test(overflowY))) return one;
      if (/auto|scroll/.test(overflowX + overflowY)) return null;
    }
    return null;
  };
  const inScroller = (element) => {
    for (let one = element.parentElement; one && one !== document.body; one = one.parentElement)
      if (/auto|scroll|hidden|clip/.test(getComputedStyle(one).overflowX)) return true;
    return false;
  };

  const overflow = (onPaper) => {
    const faults = [];
    const width = document.documentElement.clientWidth;
    const whole = document.documentElement.scrollWidth;
    if (whole > width) faults.push(`the document scrolls sideways: ${whole} px in ${width}`);
    for (const element of all("body *")) {
      const box = element.getBoundingClientRect();
      if (!seen(element) || heardOnly(box) || inScroller(element)) continue;
      if (box.right > width + SLACK || box.left < -SLACK)
        faults.push(`out of the page: ${named(element)}`);
    }
    for (const { parent, boxes } of texts())
      if (boxes.some((box) => cutter(parent, box, onPaper))) faults.push(`text cut off: ${named(parent)}`);
    return faults;
  };

  const smallText = (least) => {
    const faults = [];
    for (const { parent } of texts()) {
      const svg = parent.closest("svg");
      const scale = svg && parent.getScreenCTM ? parent.getScreenCTM().a : 1;
      const size = parseFloat(getComputedStyle(parent).fontSize) * scale;
      if (size < least) faults.push(`text of ${size.toFixed(1)} px: ${named(parent)}`);
    }
    return faults;
  };

  const brokenLinks = () =>
    all("a[href^='#'], use[href^='#'], [aria-labelledby], [aria-describedby], label[for]")
      .flatMap((element) => {
        const href = element.getAttribute("href");
        const ids = href !== null ? [decodeURIComponent(href.slice(1))] : ["aria-labelledby", "aria-describedby", "for"]
          .flatMap((name) => (element.getAttribute(name) || "").split(/\s+/).filter(Boolean));
        return ids.filter((id) => !document.getElementById(id)).map((id) => `no #${id}: ${named(element)}`);
      });

  // --- the Korean guide, KWCAG 2.2, item by item ---------------------------------------------

  const alternatives = () => { // 5.1.1
    const faults = all("img:not([alt])").map((one) => `5.1.1 no alt: ${named(one)}`);
    for (const svg of all("svg").filter((one) => !one.parentElement.closest("svg"))) {
      const name = svg.getAttribute("aria-label") || svg.getAttribute("aria-labelledby") ||
        svg.querySelector(":scope > title")?.textContent;
      const told = svg.getAttribute("role") === "img" && squeezed(name);
      const beside = svg.getAttribute("aria-hidden") === "true" &&
        svg.closest("table, figure, section, article")?.matches("table, :has(table)");
      if (!told && !beside) faults.push(`5.1.1 no alternative: ${named(svg)}`);
    }
    return faults;
  };
  const tables = () => // 5.3.1
    all("table").flatMap((table) => [
      ...(squeezed(table.caption?.textContent) ? [] : [`5.3.1 no caption: ${named(table)}`]),
      ...(table.querySelector("th") ? [] : [`5.3.1 no th: ${named(table)}`]),
      ...all("th:not([scope])", table).map((th) => `5.3.1 th without scope: ${named(th)}`),
    ]);
  const sounds = () => // 5.4.2
    all("audio[autoplay], video[autoplay]").map((one) => `5.4.2 plays by itself: ${named(one)}`);
  const sizes = () => { // 6.1.3; in a control of our own more: 24 px each way
    const faults = [];
    for (const element of all("a[href], button, input:not([type=hidden]), select, textarea, summary")) {
      // A label is as high as its font; the control in it may be higher.
      const boxes = [element, element.closest("label") || element].map((one) => one.getBoundingClientRect());
      const [width, height] = ["width", "height"].map((side) => Math.max(...boxes.map((box) => box[side])));
      const frame = { width, height };
      if (!seen(element) || heardOnly(frame)) continue;
      const link = element.localName === "a";
      const small = link ? Math.hypot(frame.width, frame.height) < SIX_MILLIMETRES
        : Math.min(frame.width, frame.height) < 24;
      if (small) faults.push(`6.1.3 ${frame.width.toFixed(0)}×${frame.height.toFixed(0)} px: ${named(element)}`);
    }
    return faults;
  };
  const motion = () => [ // 6.2.2, 6.3.1
    ...all("marquee, blink").map((one) => `6.2.2 moves by itself: ${named(one)}`),
    ...document.getAnimations().filter((one) => one.effect.getTiming().iterations === Infinity)
      .map((one) => `6.2.2 never stops moving: ${named(one.effect.target)}`),
  ];
  const skipping = () => { // 6.4.1
    const first = all(FOCUSABLE).find((one) => one.tabIndex >= 0);
    const href = first?.getAttribute("href");
    const target = href?.startsWith("#") && document.getElementById(href.slice(1));
    return target?.matches("main") ? [] : ["6.4.1 the first thing to focus leads not to the content"];
  };
  const headings = () => { // 6.4.2
    const faults = squeezed(document.title) ? [] : ["6.4.2 no title"];
    const found = all("h1, h2, h3, h4, h5, h6");
    const ones = found.filter((one) => one.localName === "h1").length;
    if (ones !== 1) faults.push(`6.4.2 ${ones} h1`);
    let level = 0;
    for (const heading of found) {
      const own = Number(heading.localName[1]);
      if (own > level + 1) faults.push(`6.4.2 h${own} below h${level}: ${named(heading)}`);
      if (!squeezed(heading.textContent)) faults.push(`6.4.2 empty: ${named(heading)}`);
      level = own;
    }
    return faults;
  };
  const linkTexts = () => { // 6.4.3
    const faults = [];
    const leading = new Map();
    for (const link of all("a[href]")) {
      const text = squeezed(link.getAttribute("aria-label") || link.textContent);
      const href = link.getAttribute("href");
      if (!text || VAGUE.includes(text)) faults.push(`6.4.3 says not where to: “${text}” ${href}`);
      else if ((leading.get(text) ?? href) !== href) faults.push(`6.4.3 two places: “${text}” ${href}`);
      leading.set(text, href);
    }
    return faults;
  };
  const shownInName = () => // 6.5.3
    all("a[aria-label], button[aria-label]").filter((one) => squeezed(one.textContent) &&
      !squeezed(one.getAttribute("aria-label")).includes(squeezed(one.textContent)))
      .map((one) => `6.5.3 its name leaves out what is shown: ${named(one)}`);
  const language = () => // 7.1.1
    /^ko\b/.test(document.documentElement.lang) ? [] : ["7.1.1 the page is not lang=ko"];
  const doubleIds = () => { // 8.1.1
    const ids = all("[id]").map((one) => one.id);
    return [...new Set(ids.filter((id, at) => ids.indexOf(id) !== at))].map((id) => `8.1.1 twice: #${id}`);
  };
  const kwcag = () => [alternatives, tables, sounds, sizes, motion, skipping, headings, linkTexts,
    shownInName, language, doubleIds].flatMap((check) => check());

  // 5.4.3 for texts of drawings, which axe leaves out: their fill against what is painted below.
  const luminance = (colour) => {
    const [r, g, b] = colour.match(/[\d.]+/g).slice(0, 3).map((one) => {
      const share = one / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const opaque = (colour) => /^rgb\(/.test(colour);
  const painted = (text) => {
    text.scrollIntoView({ behavior: "instant", block: "center", inline: "center" });
    const box = text.getBoundingClientRect();
    for (const one of document.elementsFromPoint(box.x + box.width / 2, box.y + box.height / 2)) {
      if (one === text || text.contains(one) || one.contains(text) && one.closest("text")) continue;
      const style = getComputedStyle(one);
      const colour = one instanceof SVGGeometryElement ? style.fill : style.backgroundColor;
      if (opaque(colour)) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const drawnContrast = () =>
    all("svg text").filter((text) => squeezed(text.textContent) && seen(text)).flatMap((text) => {
      const [dark, light] = [getComputedStyle(text).fill, painted(text)].map(luminance).sort((a, b) => a - b);
      const ratio = (light + 0.05) / (dark + 0.05);
      return ratio < 4.5 ? [`5.4.3 contrast ${ratio.toFixed(2)}: ${named(text)}`] : [];
    });

  // 6.1.1, 6.1.2: notes what the Tab key reaches and whether it then looks different.
  const look = (element) => {
    const { outlineStyle, outlineWidth, boxShadow, borderColor, backgroundColor } = getComputedStyle(element);
    const ring = outlineStyle !== "none" && outlineWidth !== "0px";
    return JSON.stringify([ring, boxShadow, borderColor, backgroundColor]);
  };
  const stops = () => {
    const groups = new Set();
    return all(FOCUSABLE).filter((one) => {
      if (one.tabIndex < 0 || one.disabled || !seen(one)) return false;
      if (one.type !== "radio") return true;
      const first = !groups.has(one.name); // one stop for a group of radio buttons
      groups.add(one.name);
      return first;
    });
  };
  const watchFocus = () => {
    const before = new Map(stops().map((one) => [one, look(one)]));
    window.focusLog = new Map();
    document.addEventListener("focusin", ({ target }) =>
      window.focusLog.set(target, look(target) !== before.get(target)));
    return before.size;
  };
  const unreached = () => {
    const radios = new Set([...window.focusLog.keys()].filter((one) => one.type === "radio").map((one) => one.name));
    const missed = stops().filter((one) => !window.focusLog.has(one) && !radios.has(one.name || NaN));
    const hidden = [...window.focusLog].filter(([, visible]) => !visible);
    return [
      ...missed.map((one) => `6.1.1 Tab reaches not ${named(one)}`),
      ...hidden.map(([one]) => `6.1.2 focus is not to be seen on ${named(one)}`),
      ...all("[tabindex]").filter((one) => one.tabIndex > 0).map((one) => `6.1.2 order is forced: ${named(one)}`),
      ...all("[onclick]:not(a, button, input, select, summary, [tabindex])")
        .map((one) => `6.1.1 only for the mouse: ${named(one)}`),
    ];
  };

  return { overflow, smallText, brokenLinks, kwcag, drawnContrast, watchFocus, unreached };
})()
