package importer

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestJudge(t *testing.T) {
	tests := []struct {
		kind    Kind
		carried int
		fault   Fault
		want    verdict
	}{
		{CreateKind, 3, Fault{Kind: NotSent}, verdict{State: StatePlanned, Answer: AnswerNotSent, Again: true}},
		{AppendKind, 1, Fault{Kind: NotSent}, verdict{State: StateMade, Answer: AnswerNotSent, Again: true}},
		{CreateKind, 3, Fault{Kind: Limited}, verdict{State: StatePlanned, Answer: AnswerLimited, Again: true}},
		{AppendKind, 1, Fault{Kind: Limited}, verdict{State: StateMade, Answer: AnswerLimited, Again: true}},
		{CreateKind, 3, Fault{Kind: Lost}, verdict{State: StateDoubt, Answer: AnswerLost, Shut: true}},
		{AppendKind, 1, Fault{Kind: Lost}, verdict{State: StateDoubt, Answer: AnswerLost, Shut: true}},
		{CreateKind, 3, Fault{Kind: Refused}, verdict{State: StateRefused, Answer: AnswerRefused}},
		{AppendKind, 1, Fault{Kind: Refused}, verdict{State: StateRefused, Answer: AnswerRefused}},
		{CreateKind, 3, Fault{Kind: TooLarge}, verdict{State: StatePlanned, Answer: AnswerRefused, Smaller: true}},
		{CreateKind, 1, Fault{Kind: TooLarge}, verdict{State: StateRefused, Answer: AnswerRefused}},
		{AppendKind, 1, Fault{Kind: TooLarge}, verdict{State: StateRefused, Answer: AnswerRefused}},
		{CreateKind, 3, Fault{Kind: Gone}, verdict{State: StatePlanned, Answer: AnswerStopped, Stop: true}},
		{AppendKind, 1, Fault{Kind: Gone}, verdict{State: StateHeld, Reason: ReasonGone, Answer: AnswerHeld}},
		{CreateKind, 3, Fault{Kind: Conflict}, verdict{State: StateDoubt, Answer: AnswerConflict, Look: true}},
		{AppendKind, 1, Fault{Kind: Conflict}, verdict{State: StateDoubt, Answer: AnswerConflict, Look: true}},
		{CreateKind, 3, Fault{Kind: Stop}, verdict{State: StatePlanned, Answer: AnswerStopped, Stop: true}},
		{AppendKind, 1, Fault{Kind: Stop}, verdict{State: StateMade, Answer: AnswerStopped, Stop: true}},
		{CreateKind, 3, Fault{Kind: Stop, Doubtful: true}, verdict{State: StateDoubt, Answer: AnswerLost, Stop: true}},
		{CreateKind, 3, Fault{Kind: 99}, verdict{State: StateDoubt, Answer: AnswerLost, Shut: true}}, // unknown is doubt
	}
	for _, test := range tests {
		if got := judge(test.kind, test.carried, &test.fault); got != test.want {
			t.Errorf("%s of %d, %v: %+v, want %+v", test.kind, test.carried, test.fault.Kind, got, test.want)
		}
	}
	if v := judge(CreateKind, 1, FaultOf(errors.New("anything"))); v.State != StateDoubt || v.Again {
		t.Errorf("an error that is no fault: %+v", v)
	}
}

func TestNextLook(t *testing.T) {
	asked := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	tests := []struct{ since, window, want time.Duration }{
		{0, 15 * time.Minute, 5 * time.Second},
		{5 * time.Second, 15 * time.Minute, time.Minute},
		{59 * time.Second, 15 * time.Minute, time.Minute},
		{time.Minute, 15 * time.Minute, 15 * time.Minute},
		{time.Hour, 15 * time.Minute, 15 * time.Minute},
		{0, 3 * time.Second, 3 * time.Second},
		{0, 30 * time.Second, 5 * time.Second},
		{5 * time.Second, 30 * time.Second, 30 * time.Second},
	}
	for _, test := range tests {
		if got := nextLook(asked, asked.Add(test.since), test.window).Sub(asked); got != test.want {
			t.Errorf("after %v in a window of %v: %v, want %v", test.since, test.window, got, test.want)
		}
	}
}

func TestMissed(t *testing.T) {
	asked := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	const w = 15 * time.Minute
	tests := []struct {
		name   string
		open   OpenAttempt
		since  time.Duration
		state  State
		reason string
	}{
		{"within the window", OpenAttempt{Kind: CreateKind}, w - 1, StateDoubt, ""},
		{"within the window, with the word", OpenAttempt{Kind: CreateKind, Repeat: true}, w - 1, StateDoubt, ""},
		{"after it", OpenAttempt{Kind: CreateKind}, w, StateHeld, ReasonUnknown},
		{"after it, an append", OpenAttempt{Kind: AppendKind}, w, StateHeld, ReasonUnknown},
		{"after it, with the word", OpenAttempt{Kind: CreateKind, Repeat: true}, w, StatePlanned, ""},
		{"after it, with the word, an append", OpenAttempt{Kind: AppendKind, Repeat: true}, w, StateMade, ""},
	}
	for _, test := range tests {
		test.open.Asked = asked
		if o := missed(&test.open, asked.Add(test.since), w); o.State != test.state || o.Reason != test.reason {
			t.Errorf("%s: %s %q, want %s %q", test.name, o.State, o.Reason, test.state, test.reason)
		}
	}
}

func TestBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b backoff
		cause := errors.New("refused")
		start := time.Now()
		for try := 0; ; try++ {
			before := time.Now()
			err := b.wait(context.Background(), time.Hour, 0, cause)
			if err != nil {
				if !errors.Is(err, ErrOutOfReach) || !errors.Is(err, cause) {
					t.Fatal(err)
				}
				break
			}
			if d := time.Since(before); d > min(time.Second<<min(try, 6), time.Minute)+1 {
				t.Fatalf("try %d waited %v", try, d)
			}
		}
		if d := time.Since(start); d < time.Hour || d > time.Hour+time.Minute {
			t.Errorf("gave up after %v", d)
		}
		b.reset()
		before := time.Now()
		if err := b.wait(context.Background(), time.Hour, 20*time.Second, cause); err != nil || time.Since(before) < 20*time.Second {
			t.Errorf("after a reset: %v after %v", err, time.Since(before))
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		before = time.Now()
		if err := b.wait(ctx, time.Hour, time.Hour, cause); !errors.Is(err, context.Canceled) || time.Since(before) > 0 {
			t.Errorf("cancelled: %v after %v", err, time.Since(before))
		}
	})
}

func TestGate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g gate
		knocks := 0 // one at a time
		down := errors.New("down")
		knock := func(context.Context) error {
			time.Sleep(time.Second)
			if knocks++; knocks == 1 {
				return down
			}
			return nil
		}
		if err := g.pass(context.Background(), knock); err != nil || knocks != 0 {
			t.Fatalf("an open gate: %v after %d knocks", err, knocks)
		}
		g.close()
		g.close()
		passed := make(chan error, 3)
		for range 3 {
			go func() { passed <- g.pass(context.Background(), knock) }()
		}
		if err := <-passed; !errors.Is(err, down) || g.isOpen() {
			t.Fatalf("a knock that fails: %v", err)
		}
		for range 2 {
			if err := <-passed; err != nil {
				t.Fatal(err)
			}
		}
		if knocks != 2 || !g.isOpen() {
			t.Errorf("%d knocks, open %v", knocks, g.isOpen())
		}
		g.close()
		ctx, cancel := context.WithCancel(context.Background())
		go func() { passed <- g.pass(context.Background(), knock) }()
		synctest.Wait()
		go func() { passed <- g.pass(ctx, knock) }()
		synctest.Wait()
		cancel()
		if err := <-passed; !errors.Is(err, context.Canceled) {
			t.Errorf("who waits and is cancelled: %v", err)
		}
		if err := <-passed; err != nil {
			t.Error(err)
		}
	})
}

func TestCustomersTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c customers
		ctx := context.Background()
		leave, err := c.enter(ctx, []string{"a@example.com"})
		if err != nil {
			t.Fatal(err)
		}
		entered := make(chan func(bool))
		go func() {
			leave, err := c.enter(ctx, []string{"a@example.com"})
			if err != nil {
				t.Error(err)
			}
			entered <- leave
		}()
		synctest.Wait()
		for _, other := range []string{"b@example.com", ""} {
			if l, err := c.enter(ctx, []string{other}); err != nil {
				t.Fatal(err)
			} else {
				l(true)
			}
		}
		select {
		case <-entered:
			t.Fatal("two first tickets at once")
		default:
		}
		leave(false)
		(<-entered)(true)
		for range 2 { // known now: no turns
			if _, err := c.enter(ctx, []string{"a@example.com"}); err != nil {
				t.Fatal(err)
			}
		}
	})
}
