package graph

import "github.com/vektah/gqlparser/v2/ast"

// size is how large a document is, or a part of it.
type size struct{ fields, depth int }

// measure adds up a document's operations, and its fragments that none of
// them spreads. It visits each fragment once, however often it is spread, and
// stops counting soon above the limits.
func measure(document *ast.QueryDocument) size {
	m := meter{fragments: document.Fragments, known: map[string]size{}}
	var total size
	for _, operation := range document.Operations {
		total = total.beside(m.selections(operation.SelectionSet))
	}
	for _, fragment := range document.Fragments {
		if _, spread := m.known[fragment.Name]; !spread {
			total = total.beside(m.fragment(fragment.Name))
		}
	}
	return total
}

type meter struct {
	fragments ast.FragmentDefinitionList
	known     map[string]size
}

func (m meter) selections(set ast.SelectionSet) size {
	var total size
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.Field:
			total = total.beside(m.selections(s.SelectionSet).within())
		case *ast.InlineFragment:
			total = total.beside(m.selections(s.SelectionSet).deeper())
		case *ast.FragmentSpread:
			total = total.beside(m.fragment(s.Name).deeper())
		}
	}
	return total
}

// fragment counts nothing for one that spreads itself, or isn't there: such a
// document is not valid.
func (m meter) fragment(name string) size {
	if s, ok := m.known[name]; ok {
		return s
	}
	m.known[name] = size{}
	if fragment := m.fragments.ForName(name); fragment != nil {
		m.known[name] = m.selections(fragment.SelectionSet)
	}
	return m.known[name]
}

// beside is both sizes next to each other.
func (s size) beside(other size) size {
	return size{min(s.fields+other.fields, MaxFields+1), max(s.depth, other.depth)}
}

// within is the size of a field with s inside.
func (s size) within() size {
	return size{min(s.fields+1, MaxFields+1), s.depth + 1}
}

// deeper is the size of a fragment with s inside.
func (s size) deeper() size { return size{s.fields, s.depth + 1} }
