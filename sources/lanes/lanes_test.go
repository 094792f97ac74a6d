package lanes

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func items(n int) func(func(int, error) bool) {
	return func(yield func(int, error) bool) {
		for i := range n {
			if !yield(i, nil) {
				return
			}
		}
	}
}

// TestInOrder: results come in the order of the input, however long each took, and nothing outlives the call (the bubble
// would not end).
func TestInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []int
		err := InOrder(t.Context(), 4, items(100), func(_, i int) (int, error) {
			time.Sleep(time.Duration(i*7%13) * time.Millisecond)
			return i, nil
		}, func(i int) error {
			got = append(got, i)
			return nil
		})
		if err != nil || len(got) != 100 || !slices.IsSorted(got) {
			t.Errorf("got %v, %v", got, err)
		}
	})
}

// TestFirstErrorInOrder: the error of the earliest item ends everything, as does one of take.
func TestFirstErrorInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		early, late, enough := errors.New("early"), errors.New("late"), errors.New("enough")
		taken := 0
		err := InOrder(t.Context(), 4, items(100), func(_, i int) (int, error) {
			switch i {
			case 5:
				time.Sleep(time.Second)
				return 0, early
			case 6:
				return 0, late
			}
			return i, nil
		}, func(int) error { taken++; return nil })
		if !errors.Is(err, early) || taken != 5 {
			t.Errorf("%d taken, %v", taken, err)
		}
		err = InOrder(t.Context(), 4, items(100), func(_, i int) (int, error) { return i, nil }, func(i int) error {
			if i == 9 {
				return enough
			}
			return nil
		})
		if !errors.Is(err, enough) {
			t.Errorf("got %v", err)
		}
	})
}
