// What the documents point at exists.
import { existsSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { describe, expect, it } from "vitest"
import { files, root } from "../workspace.ts"

const documents = files("*.md", "docs/**/*.md", "{packages,apps,tools}/*/*.md")

/** `[text](target)`, `[label]: target` and `<img src="target">`, outside of code. */
const links = (text: string) => {
  const prose = text.replace(/^(```|~~~)[^]*?^\1/gm, "").replace(/`[^`\n]*`/g, "`code`")
  return [
    ...prose.matchAll(/\]\(\s*<?([^)\s>]+)/g),
    ...prose.matchAll(/^\[[^\]]+\]:\s*<?(\S+?)>?\s*$/gm),
    ...prose.matchAll(/\b(?:src|href)="([^"]+)"/g)
  ].map(([, target = ""]) => target)
}

/** Inline code that is a path from the root: `packages/core/src/Tracker.ts`, `.ci/run`. */
const paths = (text: string) =>
  [...text.matchAll(/`((?:packages|apps|tools|docs|\.ci|\.github)\/[\w./-]+)`/g)]
    .map(([, path = ""]) => path)
    .filter((path) => !path.includes("NNNN") && !path.includes("/dist"))

/** The anchors that headings have on the usual forges. */
const anchors = (text: string) =>
  new Set(
    [...text.matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, "")
        .replaceAll(/\s/g, "-")
    )
  )

describe("documents", () => {
  it("exist", () => expect(documents).toContain("CONTRIBUTING.md"))

  it.each(documents)("%s: every relative link and every path leads somewhere", (document) => {
    const text = readFileSync(join(root, document), "utf8")
    const broken = []
    for (const link of links(text)) {
      if (/^[a-z][a-z+.-]*:/i.test(link)) continue
      const [path = "", anchor] = decodeURI(link).split("#")
      const target = path === "" ? join(root, document) : join(root, dirname(document), path)
      if (!existsSync(target)) broken.push(link)
      else if (anchor !== undefined && target.endsWith(".md")) {
        if (!anchors(readFileSync(target, "utf8")).has(anchor)) broken.push(link)
      }
    }
    for (const path of paths(text)) if (!existsSync(join(root, path))) broken.push(path)
    expect(broken).toEqual([])
  })
})
