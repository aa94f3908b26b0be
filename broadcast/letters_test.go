package broadcast

import (
	"fmt"
	"slices"
	"testing"

	"userstatus/presence"
)

func faceChanged(after int, others ...string) letter {
	return letter{address: address{kind: presence.FaceChanged, userID: "bob"}, after: after, others: others}
}

func TestLettersOfOneThingAreOne(t *testing.T) {
	q := newLetters()
	q.put(newsOf(after(4, at("bob", 5))))
	q.put(faceChanged(3, "alice"))
	q.put(newsOf(final("bob", 6)))
	q.put(newsOf(after(5, at("bob", 7)))) // right after 5: it stands for both
	q.put(newsOf(after(3, at("bob", 4))))
	q.put(faceChanged(2, "alice", "zoe"))
	first, _ := q.take()
	second, _ := q.take()
	third, _ := q.take()
	if _, more := q.take(); more || first.status.Version != 7 || first.after != 3 || third.kind != finalNews {
		t.Fatalf("took %+v, %+v, %+v (%t)", first, second, third, more)
	}
	if second.after != 2 || !slices.Equal(second.others, []string{"alice", "zoe"}) {
		t.Fatalf("faces changed as %+v", second)
	}
}

func TestLettersWithSomethingInBetween(t *testing.T) {
	q := newLetters()
	q.put(newsOf(after(4, at("bob", 5))))
	q.put(newsOf(after(6, at("bob", 7)))) // 6 is another letter, and may get lost
	if l, _ := q.take(); l.after != 6 {
		t.Fatalf("the newest is after %d", l.after)
	}
}

func TestAllViewersOutweighSome(t *testing.T) {
	q := newLetters()
	q.put(faceChanged(1, "alice"))
	q.put(letter{address: address{kind: presence.FaceChanged, userID: "bob"}, after: 1})
	q.put(faceChanged(1, "zoe"))
	if l, _ := q.take(); l.others != nil {
		t.Fatalf("all are only %q", l.others)
	}
	for i := range maxOthers + 1 {
		q.put(faceChanged(1, fmt.Sprint("viewer", i)))
	}
	if l, _ := q.take(); l.others != nil {
		t.Fatalf("%d are named", len(l.others))
	}
}

func TestLettersAreBounded(t *testing.T) {
	q := newLetters()
	for i := range maxLetters {
		if !q.put(newsOf(at(fmt.Sprint("user", i), 1))) {
			t.Fatalf("no room for letter %d", i)
		}
	}
	if q.put(newsOf(at("bob", 1))) {
		t.Fatal("there is no bound")
	}
	if !q.put(newsOf(at("user7", 2))) || !q.put(letter{address: address{kind: presence.NewsMissed}}) {
		t.Fatal("a full queue has no room for what conflates, or for NewsMissed")
	}
}

func TestLettersOfAnAudience(t *testing.T) {
	changed := func(before, audience int, others ...string) letter {
		l := faceChanged(0, others...)
		l.audienceBefore, l.audience = before, audience
		return l
	}
	q := newLetters()
	q.put(changed(3, 4, "zoe"))
	q.put(changed(2, 3, "alice"))
	if l, _ := q.take(); l.audienceBefore != 2 || l.audience != 4 || !slices.Equal(l.others, []string{"alice", "zoe"}) {
		t.Fatalf("two that follow each other are %+v", l)
	}
	q.put(changed(2, 3, "alice"))
	q.put(changed(4, 5, "zoe")) // what lies between is another letter, and may get lost
	if l, _ := q.take(); l.others != nil || l.audience != 5 {
		t.Fatalf("two with something in between are %+v", l)
	}
	q.put(newsOf(after(4, at("bob", 5))))
	q.put(newsOf(narrowed(3, at("bob", 6))))
	first, _ := q.take()
	second, _ := q.take()
	if first.audience != 0 || second.audience != 3 || second.kind == first.kind {
		t.Fatalf("one for everybody and one that isn't are %+v and %+v", first, second)
	}
}
