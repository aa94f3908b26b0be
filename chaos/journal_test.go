package chaos

import (
	"encoding/json"
	"strings"
	"sync"
	"time"
)

// journal is what a process writes, for others to read meanwhile.
type journal struct {
	mu      sync.Mutex
	content []byte
	grown   chan struct{}
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.content = append(j.content, p...)
	if j.grown != nil {
		close(j.grown)
		j.grown = nil
	}
	return len(p), nil
}

func (j *journal) text() string {
	text, _ := j.read()
	return text
}

func (j *journal) read() (text string, grown <-chan struct{}) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.grown == nil {
		j.grown = make(chan struct{})
	}
	return string(j.content), j.grown
}

// await returns a line of the log once it is there, and nil if its writer ended
// before, or in too long a time.
func (j *journal) await(ended <-chan struct{}, message string) map[string]any {
	late := time.After(patience)
	for {
		text, grown := j.read()
		if line := lineOf(text, message); line != nil {
			return line
		}
		select {
		case <-grown:
		case <-ended:
			return lineOf(j.text(), message)
		case <-late:
			return nil
		}
	}
}

func lineOf(log, message string) map[string]any {
	for text := range strings.Lines(log) {
		var line map[string]any
		if json.Unmarshal([]byte(text), &line) == nil && line["msg"] == message {
			return line
		}
	}
	return nil
}

// foreign is what of a log is not of the log: the words of a panic, or of the
// race detector; or a secret.
func foreign(log string) string {
	for text := range strings.Lines(log) {
		var line struct{ Level, Msg string }
		if json.Unmarshal([]byte(text), &line) != nil || line.Level == "" || line.Msg == "" {
			return log[strings.Index(log, text):]
		}
		if strings.Contains(text, secret) || strings.Contains(text, "eyJ") {
			return "a secret in: " + text
		}
	}
	return ""
}
