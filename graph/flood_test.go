package graph_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// heap is what is in use once all garbage is collected.
func heap() int64 {
	var m runtime.MemStats
	for range 2 { // what a pool lends is garbage after the second
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// However many documents, names, users and forms of streams come, what is
// remembered of them has an end.
func TestAFloodOfThingsThatNobodySentBeforeFillsNoMemory(t *testing.T) {
	const few, many, most = 600, 1_500, 8 << 20
	pad := strings.Repeat("__typename ", 60) + strings.Repeat(" ", 2<<10)
	for name, ask := range map[string]func(c *client, i int){
		"documents": func(c *client, i int) {
			c.answer(fmt.Sprint("d", i), fmt.Sprintf(`query flood%d{a%d:__typename %s}`, i, i, pad))
		},
		"documents that are not valid": func(c *client, i int) {
			c.send(ask(fmt.Sprint("i", i), fmt.Sprintf(`{nothing%d %s}`, i, pad)))
			c.until(`"error"`)
		},
		"users": func(c *client, i int) {
			c.answer(fmt.Sprint("u", i), fmt.Sprintf(`{userStatus(userIDList:["nobody %d"]){failureUserList{userID}}}`, i))
		},
		"streams": func(c *client, i int) {
			c.send(ask(fmt.Sprint("s", i), fmt.Sprintf(`subscription flood%d{a%d:userStatusUpdated(snapshot:true){userID %s}}`, i, i, strings.Repeat("userID ", 20)+strings.Repeat(" ", 2<<10))))
			c.until(`"next"`)
			c.send(fmt.Sprintf(`{"type":"complete","id":"s%d"}`, i))
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			c := s.socket(t, "alice")
			c.answer("0", setText("here"))
			for i := range few {
				ask(c, i)
			}
			before := heap()
			for i := few; i < few+many; i++ {
				ask(c, i)
			}
			if grown := heap() - before; grown > most {
				t.Errorf("the heap grew by %d KiB over %d, at most %d go", grown>>10, many, most>>10)
			}
		})
	}
}
