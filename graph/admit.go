package graph

import (
	"context"
	"errors"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"userstatus/admission"
	"userstatus/presence"
)

const (
	// baseCost is what any operation costs besides its values.
	baseCost = 50
	// bytesPerCost is how much of a document is read for the price of a value.
	bytesPerCost = 20
	// costPerCall is how much of a mutation counts as one call of the store.
	costPerCall = 500
)

var nothingToEnd = func() {}

// admitDocument waits until a document may be parsed and validated. One that
// is known costs nothing.
func (e *Executor) admitDocument(ctx context.Context, query string) (done func(), err error) {
	if _, known := e.documents.Get(ctx, query); known {
		return nothingToEnd, nil
	}
	done, err = e.admission.Read(ctx, baseCost+len(query)/bytesPerCost)
	return done, busy(err)
}

// Admit waits until an operation may run: a query, or what a subscription reads
// at its start, for its share of the processors, a mutation for that of the store.
func (e *Executor) Admit(ctx context.Context, op *graphql.OperationContext) (done func(), err error) {
	cost, _ := op.Stats.GetExtension(costKey).(int)
	if op.Operation.Operation == ast.Mutation {
		done, err = e.admission.Write(ctx, 1+cost/costPerCall)
	} else {
		done, err = e.admission.Read(ctx, baseCost+cost)
	}
	return done, busy(err)
}

// admitted runs an operation once it may run.
func (e *Executor) admitted(next graphql.ResponseHandler, op *graphql.OperationContext) graphql.ResponseHandler {
	return func(ctx context.Context) *graphql.Response {
		done, err := e.Admit(ctx, op)
		if err != nil {
			return e.Executor.DispatchError(ctx, gqlerror.List{gqlerror.Wrap(err)})
		}
		defer done()
		return next(ctx)
	}
}

// busy tells a client in words why its call is not run.
func busy(err error) error {
	switch {
	case errors.Is(err, admission.ErrQueueFull):
		return presence.Errorf(presence.RateLimited, "too many operations of your address are waiting, no more go: try again in a second")
	case errors.Is(err, admission.ErrTooLong):
		return presence.Errorf(presence.RateLimited, "the server is busy: the operation waited too long for its turn, try again later")
	}
	return err
}
