package importer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func collect(t interface{ Fatal(...any) }, s *sorter) (keys []sum, items []string) {
	for it, err := range s.all(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		keys, items = append(keys, it.key), append(items, string(it.bytes))
	}
	return keys, items
}

func TestSorterOrdersStably(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		s := newSorter(dir, rapid.IntRange(1, 4000).Draw(t, "run"))
		defer s.close()
		type pair struct {
			key  sum
			item string
		}
		var want []pair
		var block []byte
		for i := range rapid.IntRange(0, 300).Draw(t, "items") {
			k := sum{rapid.Uint64Range(0, 5).Draw(t, "hi"), rapid.Uint64Range(0, 3).Draw(t, "lo")}
			v := fmt.Sprintf("%d:%s", i, rapid.StringN(0, 40, -1).Draw(t, "item"))
			want = append(want, pair{k, v})
			var err error
			if i%2 == 0 {
				err = s.add(k, []byte(v))
			} else {
				block = appendItem(block[:0], k, func(b []byte) []byte { return append(b, v...) })
				err = s.addBlock(block)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		slices.SortStableFunc(want, func(a, b pair) int { return a.key.compare(b.key) })
		if err := s.seal(context.Background()); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			keys, items := collect(t, s)
			if len(items) != len(want) {
				t.Fatalf("%d items, want %d", len(items), len(want))
			}
			for i := range want {
				if keys[i] != want[i].key || items[i] != want[i].item {
					t.Fatalf("item %d is %v %q, want %v", i, keys[i], items[i], want[i])
				}
			}
		}
	})
}

func TestSorterManyRunsAndLargeItems(t *testing.T) {
	s := newSorter(t.TempDir(), 100)
	defer s.close()
	large := bytes.Repeat([]byte("x"), 300<<10)
	const n = 3 * mergeWidth
	for i := range uint64(n) {
		item := []byte{byte(i)}
		if i%200 == 0 {
			item = large
		}
		if err := s.add(sum{i * 7919 % n, 0}, append([]byte("0123456789012345678901234567890123456789012345678901234567890123456789"), item...)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.seal(context.Background()); err != nil {
		t.Fatal(err)
	}
	if len(s.runs) > mergeWidth {
		t.Errorf("%d runs are left to merge", len(s.runs))
	}
	keys, _ := collect(t, s)
	if len(keys) != n || !slices.IsSortedFunc(keys, sum.compare) {
		t.Errorf("%d items, sorted: %v", len(keys), slices.IsSortedFunc(keys, sum.compare))
	}
}

func TestSorterLeavesNoFiles(t *testing.T) {
	dir := t.TempDir()
	s := newSorter(dir, 10)
	for i := range uint64(100) {
		if err := s.add(sum{i, i}, []byte("some item")); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.seal(context.Background()); err != nil {
		t.Fatal(err)
	}
	s.close()
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestSorterStops(t *testing.T) {
	s := newSorter(t.TempDir(), 1<<10)
	defer s.close()
	for i := range uint64(1000) {
		if err := s.add(sum{i, 0}, []byte("some item")); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	if err := s.seal(ctx); err != nil {
		t.Fatal(err)
	}
	cancel()
	for _, err := range s.all(ctx) {
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v", err)
		}
	}
	gone := newSorter("/nonexistent/folder", 10)
	defer gone.close()
	var err error
	for i := 0; i < 10 && err == nil; i++ {
		err = gone.add(sum{}, []byte("some item"))
	}
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a sorter without a folder says %v", err)
	}
}

func BenchmarkSorter(b *testing.B) {
	item := bytes.Repeat([]byte("x"), 200)
	for b.Loop() {
		s := newSorter(b.TempDir(), 8<<20)
		x := uint64(1)
		for range 1_000_000 {
			x = x*6364136223846793005 + 1442695040888963407
			if err := s.add(sum{x, x}, item); err != nil {
				b.Fatal(err)
			}
		}
		if err := s.seal(context.Background()); err != nil {
			b.Fatal(err)
		}
		for _, err := range s.all(context.Background()) {
			if err != nil {
				b.Fatal(err)
			}
		}
		s.close()
	}
}
