package ledger

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestLeftBehind leaves a ledger as a killed process leaves it: the lock is free, the row is there.
func TestLeftBehind(t *testing.T) {
	_, here := whoami()
	for _, c := range []struct {
		name, host string
		seen       time.Duration // how long ago it gave its last sign of life
		refused    bool
	}{
		{"killed on this machine", here, 0, false},
		{"killed elsewhere, long ago", "other-host", 10 * time.Minute, false},
		{"alive elsewhere", "other-host", 20 * time.Second, true},
		{"alive elsewhere, whose clock is ahead", "other-host", -time.Minute, true},
		{"a clock that was far ahead", "other-host", -time.Hour, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "ledger.db")
			l, err := Open(path, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if _, left := l.Left(); left {
				t.Error("a new ledger was left by somebody")
			}
			then := time.Now().Add(-c.seen)
			err = l.write(func(tx *tx) error {
				_, err := tx.exec(`update lease set who = 'nina', pid = 4711, host = ?, since = ?`, c.host, then.Add(-time.Hour).UnixMilli())
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			l.lease.signed = false // as after a kill: the row stays
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			if err := os.Chtimes(path+".lock", then, then); err != nil {
				t.Fatal(err)
			}
			for range 2 { // being refused takes nothing away
				l, err = Open(path, Options{})
				if !c.refused {
					break
				}
				if !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), "nina, process 4711 on other-host") {
					t.Fatalf("opening: %v", err)
				}
			}
			if !c.refused {
				if err != nil {
					t.Fatal(err)
				}
				if h, left := l.Left(); !left || h.Who != "nina" {
					t.Errorf("left by %+v, %v", h, left)
				}
				if err := l.Close(); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// TestLeftIsTold tells the next holder who was killed.
func TestLeftIsTold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	l, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	l.lease.signed = false
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if l, err = Open(path, Options{}); err != nil {
		t.Fatal(err)
	}
	if h, left := l.Left(); !left || h.PID != os.Getpid() || h.Seen.IsZero() {
		t.Errorf("left by %+v, %v", h, left)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if l, err = Open(path, Options{}); err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if h, left := l.Left(); left {
		t.Errorf("given back, and still left by %+v", h)
	}
}
