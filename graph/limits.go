package graph

import (
	"context"
	"errors"
	"fmt"

	"github.com/99designs/gqlgen/complexity"
	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
)

const (
	// MaxFields is how many fields a document may have, those of a fragment
	// counted wherever it is spread.
	MaxFields = 1_000
	// MaxDepth is how deep fields and fragments may nest. GraphiQL's introspection has 19.
	MaxDepth = 30
	// MaxFragments is how many fragments a document may have: how they overlap is
	// checked for each two of them.
	MaxFragments = 100
	// MaxTokens bounds what is not a field: arguments, values, directives.
	MaxTokens = 10_000
	// MaxCost is how many values an operation may ask for, lists counted with the
	// length they can have.
	MaxCost = 25_000
)

// limits refuses documents that ask for too much. Their size is checked before
// they are validated, since that alone may take long.
type limits struct {
	schema        graphql.ExecutableSchema
	documents     graphql.Cache[*ast.QueryDocument]
	introspection bool
}

var _ interface {
	graphql.HandlerExtension
	graphql.OperationParameterMutator
	graphql.OperationContextMutator
} = limits{}

func (limits) ExtensionName() string                   { return "Limits" }
func (limits) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationParameters checks a document that was not let through before.
func (l limits) MutateOperationParameters(ctx context.Context, sent *graphql.RawParams) *gqlerror.Error {
	document, known := l.documents.Get(ctx, sent.Query)
	if !known {
		parsed, err := parse(sent.Query)
		if err != nil {
			return err
		}
		if err := checkSize(parsed); err != nil {
			return err
		}
		document = parsed
	}
	return checkName(document, sent.OperationName)
}

func parse(query string) (*ast.QueryDocument, *gqlerror.Error) {
	document, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: query}, MaxTokens)
	if err == nil {
		return document, nil
	}
	var located *gqlerror.Error
	if !errors.As(err, &located) {
		located = gqlerror.Wrap(err)
	}
	if located.Message == fmt.Sprintf("exceeded token limit of %d", MaxTokens) {
		located.Message = fmt.Sprintf("the document is too long: at most %d tokens go", MaxTokens)
	}
	errcode.Set(located, errcode.ParseFailed)
	return nil, located
}

func checkSize(document *ast.QueryDocument) *gqlerror.Error {
	if len(document.Fragments) > MaxFragments {
		return invalid("the document has %d fragments, at most %d go", len(document.Fragments), MaxFragments)
	}
	s := measure(document)
	if s.fields > MaxFields {
		return invalid("the document has too many fields: at most %d go, those of a fragment counted wherever it is spread", MaxFields)
	}
	if s.depth > MaxDepth {
		return invalid("the document is too deep: fields and fragments may nest %d levels at most", MaxDepth)
	}
	return nil
}

func checkName(document *ast.QueryDocument, name string) *gqlerror.Error {
	switch {
	case len(document.Operations) == 0:
		return invalid("the document has no operation")
	case document.Operations.ForName(name) != nil:
		return nil
	case name == "":
		return invalid("the document has %d operations: say which by operationName", len(document.Operations))
	}
	return invalid("the document has no operation of the name in operationName")
}

// MutateOperationContext checks what depends on the schema or on variables.
func (l limits) MutateOperationContext(ctx context.Context, op *graphql.OperationContext) *gqlerror.Error {
	op.DisableIntrospection = false // refused below, in words
	if !l.introspection && introspects(op.Operation.SelectionSet) {
		return invalid("introspection is switched off; the schema is at /schema.graphqls")
	}
	cost := complexity.Calculate(ctx, l.schema, op.Operation, op.Variables)
	if cost > MaxCost {
		return invalid("the operation asks for too much: up to %d values, lists counted with the length they can have; at most %d go", cost, MaxCost)
	}
	op.Stats.SetExtension(costKey, cost)
	return nil
}

// costKey is what an operation's cost is kept by.
const costKey = "cost"

func introspects(selections ast.SelectionSet) bool {
	for _, selection := range selections {
		switch s := selection.(type) {
		case *ast.Field:
			if s.Name == "__schema" || s.Name == "__type" {
				return true
			}
		case *ast.InlineFragment:
			if introspects(s.SelectionSet) {
				return true
			}
		case *ast.FragmentSpread:
			if introspects(s.Definition.SelectionSet) {
				return true
			}
		}
	}
	return false
}

func invalid(format string, args ...any) *gqlerror.Error {
	err := gqlerror.Errorf(format, args...)
	errcode.Set(err, errcode.ValidationFailed)
	return err
}
