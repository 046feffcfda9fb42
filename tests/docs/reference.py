#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Builds the reference with Doxygen and checks it.

    reference.py ROOT WORK          writes WORK/html; exits with 1 at a warning, an undocumented name, or an entry of the catalogue
                                    without a page
    reference.py ROOT --examples    prints a translation unit of the examples in the headers' comments

Doxygen reads copies of the texts, in WORK. In them, headings have names and links lead to them; an alias without a comment has that
of the template or formula it names, a further alias or overload right below a documented one has its comment; deduction guides are
left out; indented lines of a comment are code; and each folder of headers is a group.
"""

import pathlib
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree

THEME = pathlib.Path("/usr/share/doxygen-awesome-css")
# The pages in the order of the README's list.
PAGES = ("getting-started", "from-pytorch", "catalogue", "training", "layers", "data", "metrics", "losses", "adapting", "what-runs-where",
         "gpu", "distributed", "architecture", "performance", "extending")


def slug(heading):
    """Returns the anchor that a Markdown viewer gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.replace("`", "")).strip().lower().replace(" ", "-")


def page_name(path):
    return "tests-readme" if path.parts[-2:] == ("tests", "README.md") else path.stem.lower()


def markdown(root, path):
    """Returns a document with named headings, with links to them, and without its comments for tests."""
    page = page_name(path)
    label = {"readme": "mainpage"}.get(page, page)

    def link(match):
        text, target, anchor = match[1], match[2], match[3]
        file = (path.parent / target).resolve() if target else path
        if target.startswith("http"):
            return match[0]
        if not file.exists():
            sys.exit(f"{path}: a link to {target}, which does not exist")
        plain = text.replace("`", "")  # Doxygen shows those of a link
        if page == "catalogue" and re.fullmatch(r"`\w+`", text):
            return f"[{plain}](@ref fovea::{plain})"
        inside = file.relative_to(root.resolve()) if file.is_relative_to(root.resolve()) else file
        if file.suffix == ".md":
            name = page_name(file)
            if anchor and anchor not in {slug(h) for h in re.findall(r"^#+ (.*)$", file.read_text(encoding="utf-8"), re.M)}:
                sys.exit(f"{path}: a link to {target}#{anchor}, and no such heading")
            return f"[{plain}](@ref {name + '-' + anchor if anchor else {'readme': 'mainpage'}.get(name, name)})"
        if file.suffix == ".hpp" and inside.parts[0] == "include":
            return f"[{plain}](@ref {'/'.join(inside.parts[1:])})"
        if inside.parts[0] == "examples" and file.suffix == ".cpp":
            return f"[{plain}](@ref {'/'.join(inside.parts[1:])})"
        return text  # a folder, or a file of the sources

    lines, code, comment, heading = [], False, False, 0
    for line in path.read_text(encoding="utf-8").splitlines():
        if re.match(r" *```", line):
            code = not code
            line = re.sub(r"```(\w+)", lambda m: "```{" + {"sh": ".sh", "cpp": ".cpp", "python": ".py"}.get(m[1], "." + m[1]) + "}", line)
        elif code:
            pass
        elif comment or line.startswith("<!--"):
            comment = not line.endswith("-->")
            line = ""
        elif match := re.match(r"(#+) (.*)$", line):
            name = label if heading == 0 else f"{page}-{slug(match[2])}"
            heading += 1
            line = f"{match[1]} {match[2]} {{#{name}}}"
        else:
            line = re.sub(r"\[([^\]]+)\]\(([^)#\s]*)(?:#([^)]*))?\)", lambda m: m[0] if m.string[m.start() - 1:m.start()] == "!" else link(m), line)
            line = re.sub(r"!\[([^\]]*)\]\((?:docs/)?images/([^)]*)\)", r"![\1](\2)", line)
        lines.append(line)
    return "\n".join(lines) + "\n"


def comments_of(include):
    """Returns the comment of each type at the left margin of a header."""
    found = {}
    for file in sorted(include.rglob("*.hpp")):
        pattern = r"((?:^///[^\n]*\n)+)(?:template <[^\n]*>\s+(?:requires[^\n]*\n)?)?(?:struct|class|using) (\w+)"
        for match in re.finditer(pattern, file.read_text(encoding="utf-8"), re.M):
            found.setdefault(match[2], match[1])
    return found


def header(include, path, comments):
    """Returns a header as a part of its folder's group."""
    text = path.read_text(encoding="utf-8")
    inside = path.relative_to(include)
    group = {"error.hpp": "errors", "validate.hpp": "errors"}.get(inside.parts[0], inside.parts[0] if len(inside.parts) > 1 else "")
    text = text.replace("// SPDX-License-Identifier: MIT", f"/** @file fovea/{inside.as_posix()} */", 1)
    text = text.replace("/// For other arguments: the error says why.\n", "")  # the page is that of the specialization
    # deduction guides
    guide = r"^(?:template <[^\n]*>\n(?:  +requires[^\n]*\n)?)?(?:FOVEA_HD )?\w+\([^;{}=]*(?:= \{\})?[^;{}=]*\)\s+-> [^;{}]*;"
    text = re.sub(guide, lambda m: "\n" * m[0].count("\n"), text, flags=re.M)
    lines = text.split("\n")
    for i, line in enumerate(lines):
        alias = re.match(r"(?:template <.*> )?using (\w+) = (?:typename )?(\w+)(?:<(\w+)>)?", line)
        above = lines[i - 1] if i else ""
        start = i - 1 if alias and above.startswith("template <") and not line.startswith("template") else i
        if alias and not lines[start - 1].split("\r")[-1].startswith("///"):
            of = comments.get(alias[3]) or comments.get(alias[2])
            if of:
                lines[start] = "\r".join(of.rstrip().split("\n")) + "\r" + lines[start]
    text = "\n".join(lines).replace("\r", "\n")
    # what a comment indents is code: signatures by two spaces, examples by four
    lines, before = [], ""
    for line in text.split("\n"):
        match = re.match(r"( *///)   +(\S.*)$", line)
        if match and not re.match(r" *///( {3,}\S|$)", before):
            lines.append(match[1])
        before = line
        lines.append(line.replace("///   ", "///     ", 1) if match and not line.lstrip().startswith("///     ") else line)
    text = "\n".join(lines)
    if group:
        text = re.sub(r"^(namespace fovea(?:::(?!detail|adl|testing::laws|\w+_detail)[\w:]+)? \{)\n(.*?)^\}  // namespace fovea",
                      lambda m: f"{m[1]} /** @addtogroup group_{group}\n@{{ */\n{m[2]}/** @}} */ }}  // namespace fovea", text, flags=re.M | re.S)
    return text


def prepare(root, work):
    shutil.rmtree(work, ignore_errors=True)
    include = root / "include" / "fovea"
    comments = comments_of(include)
    for path in sorted(include.rglob("*.hpp")):
        copy = work / path.relative_to(root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(header(include, path, comments), encoding="utf-8")
    pages = [root / "README.md", *(root / "docs" / f"{name}.md" for name in PAGES), root / "CHANGELOG.md", root / "CONTRIBUTING.md",
             root / "tests" / "README.md"]
    pages = [p for p in pages if p.exists()]
    if absent := {p.name for p in (root / "docs").glob("*.md")} - {p.name for p in pages}:
        sys.exit("reference.py: PAGES does not name " + ", ".join(sorted(absent)))
    for path in pages:
        copy = work / path.relative_to(root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(markdown(root, path), encoding="utf-8")
    for folder in ("docs/images", "docs/reference", "examples"):
        (work / folder).mkdir(parents=True, exist_ok=True)
        if (root / folder).exists():
            shutil.copytree(root / folder, work / folder, dirs_exist_ok=True)
    examples = "".join(f"/** @example {p.relative_to(root / 'examples').as_posix()}\n{first_comment(p)} */\n"
                       for p in sorted((root / "examples").rglob("*.cpp")))
    (work / "docs" / "reference" / "examples.dox").write_text(examples, encoding="utf-8")
    return [p.relative_to(root).as_posix() for p in pages]


def first_comment(path):
    """Returns the comment at the top of a program."""
    lines = []
    for line in path.read_text(encoding="utf-8").splitlines()[1:]:
        if not line.startswith("//"):
            break
        lines.append(line[2:].strip())
    return " ".join(lines)


def build(root, work):
    pages = prepare(root, work)
    numbers = re.findall(r"#define FOVEA_VERSION_\w+ (\d+)", (root / "include/fovea/config.hpp").read_text(encoding="utf-8"))
    version = ".".join(numbers[:2])
    for path, pattern in ((root / "README.md", r"find_package\(fovea ([\d.]+)"), (root / "CHANGELOG.md", r"\A(?:(?!\n## ).)*\n## (?:\D*)([\d.]+)")):
        for stated in re.findall(pattern, path.read_text(encoding="utf-8") if path.exists() else "", re.S):
            if stated != version:
                sys.exit(f"{path.name} says version {stated}, include/fovea/config.hpp {version}")
    settings = (work / "docs/reference/Doxyfile").read_text(encoding="utf-8")
    settings += f"PROJECT_NUMBER = {'.'.join(numbers)}\nINPUT = {' '.join(pages)} docs/reference include/fovea\nLAYOUT_FILE = layout.xml\n"
    if THEME.exists():
        settings += f"HTML_EXTRA_STYLESHEET = {THEME}/doxygen-awesome.css docs/reference/fovea.css\n"
    (work / "Doxyfile").write_text(settings, encoding="utf-8")
    subprocess.run(["doxygen", "-l", "layout.xml"], cwd=work, check=True, capture_output=True)
    layout = (work / "layout.xml").read_text(encoding="utf-8")
    for part in ("class", "concept", "namespace", "group"):  # the description, with its example, before the members
        begin, end = layout.index(f"<{part}>"), layout.index(f"</{part}>")
        inside = re.sub(r"\s*<detaileddescription[^>]*/>", "", layout[begin:end])
        layout = layout[:begin] + re.sub(r'<briefdescription[^>]*/>', '<detaileddescription title=""/>', inside) + layout[end:]
    (work / "layout.xml").write_text(layout, encoding="utf-8")
    done = subprocess.run(["doxygen", "Doxyfile"], cwd=work, capture_output=True, text=True, check=False)
    if done.returncode or "warning:" in done.stderr:
        sys.exit(done.stderr.replace(str(work.resolve()) + "/", "") or f"doxygen: exit status {done.returncode}")


def documented(work):
    """Returns {name: whether a declaration of it has a comment} of the namespaces' names, and of the types."""
    names = {}

    def note(name, element):
        text = "".join("".join(e.itertext()) for e in element.findall("briefdescription") + element.findall("detaileddescription"))
        names[name] = names.get(name, False) or bool(text.strip())

    for path in (work / "xml").glob("*.xml"):
        for compound in xml.etree.ElementTree.parse(path).getroot().findall("compounddef"):
            name = re.sub(r"<.*", "", compound.find("compoundname").text).strip()
            kind = compound.get("kind")
            if kind in ("struct", "class", "concept") and "::" in name:
                parent = name.rsplit("::", 1)[0]
                if parent not in names or kind == "concept":  # nested types are described by what they are in
                    note(name, compound)
            if kind == "namespace" and not name.startswith("std"):
                for member in compound.iter("memberdef"):
                    if "<" not in member.find("name").text:  # not a specialization
                        note(f"{name}::{member.find('name').text}", member)
            if kind == "group":  # where newer Doxygens keep the members of a module
                for member in compound.iter("memberdef"):
                    whole = member.findtext("qualifiedname", "")
                    if "::" in whole and "<" not in whole:
                        note(whole, member)
    return names


def check(root, work):
    names = documented(work)
    types = {n for n in names}
    bare = sorted(n for n, has in names.items() if not has and n.rsplit("::", 1)[0] not in types and "operator" not in n)
    entries = re.findall(r"^\| \[([^\]]*)\]", (root / "docs/catalogue.md").read_text(encoding="utf-8"), re.M)
    entries = [e for cell in entries for e in re.findall(r"`(\w+)`", cell)]
    absent = sorted(e for e in entries if not names.get(f"fovea::{e}"))
    if bare:
        sys.exit("without a comment: " + ", ".join(bare))
    if absent:
        sys.exit("in the catalogue, but not in the reference: " + ", ".join(absent))
    print(f"{len(names)} names and {len(entries)} entries of the catalogue have a comment")


def main():
    root = pathlib.Path(sys.argv[1])
    if shutil.which("doxygen") is None:
        print("skipped: no doxygen")
        return
    work = pathlib.Path(sys.argv[2])
    build(root, work)
    check(root, work)


if __name__ == "__main__":
    main()
