package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestTheLogHasDurationsInWords(t *testing.T) {
	var to bytes.Buffer
	newLog(&to).Info("the database answers again", "after", 3729*time.Millisecond)
	if line := to.String(); !strings.Contains(line, `"after":"3.729s"`) {
		t.Error(line)
	}
}
