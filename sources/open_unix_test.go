//go:build unix

package sources

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestOpenPipe(t *testing.T) {
	p := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(p, 0o600); err != nil {
		t.Skip("no named pipes here")
	}
	done := make(chan error)
	go func() { done <- os.WriteFile(p, []byte("a,b\n1,2\n"), 0) }()
	s := open(t, Options{}, p)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	for range 2 {
		same(t, dump(t, s), "2/0 1|2")
	}
}
