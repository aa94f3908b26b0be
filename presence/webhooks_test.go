package presence_test

import (
	"testing"
	"time"

	"userstatus/presence"
)

func TestWhoSendsWebhooks(t *testing.T) {
	inPair(t, "is nobody who may be taken for dead", func(f *fixture, _, b *presence.Service) {
		leads := func(want bool) {
			f.Helper()
			got, err := b.LeadWebhooks(f.ctx)
			f.must(err)
			if got != want {
				f.Fatalf("the node leads: %v", got)
			}
		}
		leads(true)
		thaw := f.second.freeze()
		time.Sleep(4 * time.Second)
		leads(true)
		time.Sleep(4 * time.Second)
		leads(false)
		thaw()
		time.Sleep(3 * time.Second)
		leads(true)
	})
}

func TestWebhooksAreKnownToAdmins(t *testing.T) {
	inBubble(t, "as none where there is no outbox", presence.Options{}, func(f *fixture) {
		state, err := f.service.Webhooks(f.ctx)
		f.must(err)
		if *state != (presence.WebhookState{}) {
			f.Fatalf("got %+v", state)
		}
		page, err := f.service.WebhooksAside(f.ctx, 1, nil)
		f.must(err)
		if len(page.Edges) != 0 || page.PageInfo.HasNextPage {
			f.Fatalf("got %+v", page)
		}
		for _, do := range []func([]string) (int, error){
			func(ids []string) (int, error) { return f.service.ResendWebhooks(f.ctx, ids) },
			func(ids []string) (int, error) { return f.service.DiscardWebhooks(f.ctx, ids) },
		} {
			n, err := do(nil)
			f.must(err)
			if n != 0 {
				f.Fatalf("%d of none", n)
			}
			_, err = do(make([]string, 501))
			f.refused(err, presence.BadUserInput, "501", "500")
		}
	})
}
