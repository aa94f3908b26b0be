package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

const head = `# Licences

What the program is made of, and under which terms. Made by ` + "`make licences`" + `; a test fails where it is out of date. The texts are in the file NOTICES, which releases and the image have.

The licences below other than those under "Asks for more" let anybody use, change and hand on the parts, as long as their notices go along.
`

const linker = `

## Asks for more

The program that ` + "`make static`" + ` makes, which is that of releases and the image, has parts of the GNU C Library linked into it. Its licence, the LGPL, wants that whoever is given the program can link it anew with another version of that library: the source and ` + "`make static`" + ` are enough for that, so hand on where they are to be had. The program of ` + "`make`" + ` finds the library on the machine instead.
`

// tableOf is the list for people.
func tableOf(parts []part) []byte {
	var to bytes.Buffer
	to.WriteString(head)
	for _, group := range []struct{ where, title, intro string }{
		{inProgram, "Linked into the program", "| module | version | licence |"},
		{inPages, "Bundled into the pages", "| package | version | licence |"},
		{byLinker, "From elsewhere", "| part | | licence |"},
	} {
		fmt.Fprintf(&to, "\n## %s\n\n%s\n| --- | --- | --- |\n", group.title, group.intro)
		for _, p := range parts {
			if p.where == group.where {
				fmt.Fprintf(&to, "| %s | %s | %s |\n", p.name, p.version, p.marked())
			}
		}
	}
	to.WriteString(strings.TrimPrefix(linker, "\n"))
	for _, p := range parts {
		if p.where != byLinker && copyleft.MatchString(p.licence) {
			fmt.Fprintf(&to, "\n%s is under %s, which wants its own files' source to be had, with changes if there are any. Here are none: it is version %s as published.\n", p.name, p.licence, p.version)
		}
	}
	return to.Bytes()
}

// marked stands out where the licence asks something of the program around.
func (p part) marked() string {
	if copyleft.MatchString(p.licence) {
		return "**" + p.licence + "**"
	}
	return p.licence
}

// noticesOf are the texts, each once, with the names of those that it is of.
func noticesOf(parts []part) []byte {
	var texts []string
	of := map[string][]string{}
	for _, p := range parts {
		for _, text := range p.say() {
			if of[text] == nil {
				texts = append(texts, text)
			}
			of[text] = append(of[text], strings.TrimSpace(p.name+" "+p.version))
		}
	}
	var to bytes.Buffer
	to.WriteString("userstatus has parts of the following, under the terms that follow each list.\n")
	for _, text := range texts {
		to.WriteString("\n" + strings.Repeat("=", 80) + "\n")
		to.WriteString(strings.Join(slices.Compact(of[text]), "\n"))
		to.WriteString("\n" + strings.Repeat("-", 80) + "\n" + strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n")) + "\n")
	}
	return to.Bytes()
}

// say is a part's texts, or that it comes without.
func (p part) say() []string {
	if len(p.texts) == 0 {
		return []string{"Its authors say that it is under " + p.licence + ", and ship no text."}
	}
	return p.texts
}
