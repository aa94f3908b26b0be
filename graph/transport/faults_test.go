package transport

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestAFloodOfFaultsDoesNotFillTheLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var text bytes.Buffer
		log, f := slog.New(slog.NewTextHandler(&text, nil)), newFaults()
		for range 1000 {
			f.log(t.Context(), log, "not served", errors.New("the keys are out of reach"))
		}
		if n := strings.Count(text.String(), "out of reach"); n != faultsFirst {
			t.Errorf("%d lines of 1000 faults at once", n)
		}
		time.Sleep(faultsEvery)
		f.log(t.Context(), log, "not served", errors.New("later"))
		if !strings.Contains(text.String(), "later") {
			t.Error("a fault that comes later is not logged")
		}
	})
}
