package graph

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"userstatus/presence"
)

const (
	parseFailed      presence.Code = errcode.ParseFailed
	validationFailed presence.Code = errcode.ValidationFailed
)

// maxMessage is in bytes; a message about a document quotes it.
const maxMessage = 300

// presenter decides what a caller gets to read of an error.
type presenter struct {
	log *slog.Logger
	// failed, if not nil, is told the code of each error.
	failed func(code string)
}

// present shows an error that is for the caller with its code and number. Any
// other is an internal error to the caller; the log has all of it.
func (p presenter) present(ctx context.Context, err error) *gqlerror.Error {
	shown := p.show(ctx, err)
	if p.failed != nil {
		p.failed(shown.Extensions["code"].(string))
	}
	return shown
}

func (p presenter) show(ctx context.Context, err error) *gqlerror.Error {
	shown := located(ctx, err)
	if known, ok := presence.AsError(err); ok {
		return mark(shown, known.Code, known.Number, known.Message)
	}
	if code := documentCode(shown); code != "" {
		return mark(shown, code, presence.Number(presence.BadUserInput), shorten(describe(shown), maxMessage))
	}
	p.logFault(ctx, shown, err)
	return mark(shown, presence.Internal, presence.Number(presence.Internal), "internal error")
}

// located is a copy of the error as GraphQL has it, with its place.
func located(ctx context.Context, err error) *gqlerror.Error {
	var found *gqlerror.Error
	if !errors.As(err, &found) {
		return gqlerror.WrapPath(graphql.GetPath(ctx), err)
	}
	located := *found
	return &located
}

func mark(err *gqlerror.Error, code presence.Code, number int, message string) *gqlerror.Error {
	err.Err, err.Message = nil, message
	err.Extensions = map[string]any{"code": string(code), "errorCode": number}
	return err
}

// documentCode is set for what gqlparser finds wrong with a document, or with
// the variables sent along, as Apollo Server codes it.
func documentCode(err *gqlerror.Error) presence.Code {
	switch code := err.Extensions["code"]; {
	case code == errcode.ParseFailed:
		return parseFailed
	case code == errcode.ValidationFailed && ofVariable(err.Path):
		return presence.BadUserInput
	case code == errcode.ValidationFailed:
		return validationFailed
	}
	return ""
}

func ofVariable(path ast.Path) bool {
	return len(path) > 1 && path[0] == ast.PathName("variable")
}

// describe names the variable at fault, and where in it.
func describe(err *gqlerror.Error) string {
	if !ofVariable(err.Path) {
		return err.Message
	}
	message := fmt.Sprintf("variable $%s %s", err.Path[1:].String(), err.Message)
	err.Path = nil // is for places in a response
	return message
}

func (p presenter) logFault(ctx context.Context, shown *gqlerror.Error, err error) {
	level := slog.LevelError
	if errors.Is(err, context.Canceled) {
		level = slog.LevelDebug // the caller is gone
	}
	viewer, _ := presence.ViewerFrom(ctx)
	operation := ""
	if graphql.HasOperationContext(ctx) {
		operation = graphql.GetOperationContext(ctx).OperationName
	}
	p.log.Log(ctx, level, "an operation went wrong", "operation", shorten(operation, maxMessage),
		"path", shown.Path.String(), "user", viewer.UserID, "error", cause(err))
}

// cause is what went wrong, without the place in the document that GraphQL
// puts before it.
func cause(err error) error {
	var located *gqlerror.Error
	if errors.As(err, &located) && located.Err != nil {
		return located.Err
	}
	return err
}

// recovered makes a panic an error, and logs where it came from.
func (p presenter) recovered(ctx context.Context, cause any) error {
	p.log.ErrorContext(ctx, "panic", "cause", fmt.Sprint(cause), "stack", string(debug.Stack()))
	return fmt.Errorf("panic: %v", cause)
}

func shorten(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	return strings.ToValidUTF8(s[:limit], "") + "…"
}
