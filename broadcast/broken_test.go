package broadcast

import "fmt"

// broken is nil if all links of the index lead back, and nothing is empty. It
// is for when nobody else is at work.
func (h *hub) broken() error {
	for _, id := range h.topics.ids() {
		t := h.topics.get(id)
		if t.gone.Load() || len(t.entries) == 0 {
			return fmt.Errorf("topic %s is in the index, with %d watchers", id, len(t.entries))
		}
		for pos, e := range t.entries {
			if w := e.viewer.watches[e.slot()]; w.topic != t || int(w.pos) != pos {
				return fmt.Errorf("%s watches %s from slot %d, which is of %s at %d", e.viewer.id, id, e.slot(), w.topic.id, w.pos)
			}
		}
	}
	for _, id := range h.viewers.ids() {
		v := h.viewers.get(id)
		if v.gone || len(v.streams) == 0 {
			return fmt.Errorf("viewer %s is in the index, with %d streams", id, len(v.streams))
		}
		for slot, w := range v.watches {
			if w.topic.gone.Load() {
				continue
			}
			if e := w.topic.entries[w.pos]; e.viewer != v || int(e.slot()) != slot {
				return fmt.Errorf("%s of %s is entry %d, which is of %s", id, w.topic.id, w.pos, e.viewer.id)
			}
		}
	}
	return nil
}
