package files

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func openStore(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// bodyOf is what the servers of these tests answer for a path: a few hundred kilobytes that differ.
func bodyOf(path string) []byte {
	return bytes.Repeat([]byte("file "+path+"\n"), 20_000)
}

// TestKeeper: a source is asked once, over runs too; what failed is asked once more in the next run, what was gone only on
// demand; equal contents are kept once.
func TestKeeper(t *testing.T) {
	var mu sync.Mutex
	asked := map[string]int{}
	broken := atomic.Bool{}
	broken.Store(true)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked[r.URL.Path]++
		mu.Unlock()
		switch {
		case r.URL.Path == "/gone":
			w.WriteHeader(404)
		case r.URL.Path == "/broken" && broken.Load():
			w.WriteHeader(401)
		case strings.HasPrefix(r.URL.Path, "/same"):
			io.WriteString(w, png)
		default:
			w.Header().Set("Content-Disposition", `attachment; filename="../../from the server.txt"`)
			w.Write(bodyOf(r.URL.Path))
		}
	}))
	defer server.Close()
	dir := filepath.Join(t.TempDir(), "deskferry.db.files")
	run := func(gone bool) map[string]Code {
		s := openStore(t, dir)
		defer s.Close()
		if _, err := Open(dir); !errors.Is(err, ErrInUse) {
			t.Errorf("a second writer: %v", err)
		}
		k := &Keeper{Store: s, Fetcher: near(t, Settings{}, server), Gone: gone}
		out := map[string]Code{}
		var all sync.WaitGroup
		for range 3 {
			for _, path := range []string{"/a", "/b", "/same1", "/same2", "/gone", "/broken"} {
				all.Go(func() {
					src := Source{URL: server.URL + path, ContentType: "text/csv"}
					f, err := k.Get(t.Context(), src)
					code, _ := CodeOf(err)
					mu.Lock()
					out[path] = code
					mu.Unlock()
					if err != nil {
						return
					}
					b, err := k.Bytes(t.Context(), src, f)
					if err != nil || sha256.Sum256(b) != f.Sum || int64(len(b)) != f.Size {
						t.Errorf("%s: %v", path, err)
					}
					if path == "/a" && (f.Name != "from the server.txt" || f.ContentType != "text/csv") || path == "/same1" && (f.Name != "same1" || f.ContentType != "image/png") {
						t.Errorf("%s: %+v", path, f)
					}
				})
			}
		}
		all.Wait()
		return out
	}
	for i, c := range []struct {
		gone bool
		want string // how often each was asked, in all
	}{
		{false, "map[/a:1 /b:1 /broken:1 /gone:1 /same1:1 /same2:1]"},
		{false, "map[/a:1 /b:1 /broken:2 /gone:1 /same1:1 /same2:1]"},
		{true, "map[/a:1 /b:1 /broken:3 /gone:2 /same1:1 /same2:1]"},
		{false, "map[/a:1 /b:1 /broken:3 /gone:2 /same1:1 /same2:1]"},
	} {
		broken.Store(i < 2)
		out := run(c.gone)
		if got := fmt.Sprint(asked); got != c.want {
			t.Errorf("run %d: asked %s, want %s", i+1, got, c.want)
		}
		if out["/gone"] != Gone || out["/a"] != "" || i < 2 && out["/broken"] != Denied || i >= 2 && out["/broken"] != "" {
			t.Errorf("run %d: %v", i+1, out)
		}
	}
	if n := len(kept(t, dir)); n != 4 { // a, b, same, broken
		t.Errorf("%d files are kept", n)
	}
	// A file that was damaged on the disk is fetched anew, and not handed out.
	s := openStore(t, dir)
	k := &Keeper{Store: s, Fetcher: near(t, Settings{}, server)}
	src := Source{URL: server.URL + "/a"}
	f, err := k.Get(t.Context(), src)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(s.path(f.Sum), bytes.Repeat([]byte("x"), int(f.Size)), 0o600); err != nil {
		t.Fatal(err)
	}
	if b, err := k.Bytes(t.Context(), src, f); err != nil || sha256.Sum256(b) != f.Sum {
		t.Errorf("damaged: %v", err)
	}
	if err := os.Remove(s.path(f.Sum)); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Get(t.Context(), src); err != nil || asked["/a"] != 3 {
		t.Errorf("removed: %v, asked %d times", err, asked["/a"])
	}
	if err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 && !strings.Contains(path, indexFile+"-") {
			t.Errorf("%s is open to others: %v", path, info.Mode())
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	reader, err := OpenReadOnly(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if f, err := (&Keeper{Store: reader}).Get(t.Context(), Source{URL: server.URL + "/b"}); err != nil || f.Size == 0 {
		t.Errorf("beside a writer: %+v, %v", f, err)
	}
	if none, err := OpenReadOnly(t.TempDir()); none != nil || err != nil || none.Close() != nil {
		t.Errorf("without a folder: %v, %v", none, err)
	}
}

// kept lists the files of a store by their names, which must be the sums of their contents.
func kept(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	if err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || len(d.Name()) != 64 {
			return err
		}
		b, err := os.ReadFile(path)
		if sum := sha256.Sum256(b); err == nil && hex.EncodeToString(sum[:]) != d.Name() {
			t.Errorf("%s holds %d bytes of something else", path, len(b))
		}
		names = append(names, d.Name())
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return names
}

// TestKilled kills a process that fills a store, at random moments. What has a name is whole, what the index knows is there,
// and nothing half-made is left.
func TestKilled(t *testing.T) {
	if url := os.Getenv("FILES_TEST_SERVER"); url != "" {
		fillStore(t, os.Getenv("FILES_TEST_DIR"), url)
		return
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b := bodyOf(r.URL.Path)
		for len(b) > 0 {
			n := min(len(b), 64<<10)
			if _, err := w.Write(b[:n]); err != nil {
				return
			}
			b = b[n:]
		}
	}))
	defer server.Close()
	dir := filepath.Join(t.TempDir(), "files")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	kills := 20
	if testing.Short() {
		kills = 3
	}
	for i := range kills {
		cmd := exec.Command(self, "-test.run=^TestKilled$")
		cmd.Env = append(os.Environ(), "FILES_TEST_SERVER="+server.URL, "FILES_TEST_DIR="+dir)
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(60+rand.IntN(120)) * time.Millisecond)
		_ = cmd.Process.Kill()
		if err := cmd.Wait(); err == nil {
			t.Fatalf("kill %d came too late: %s", i, out.String())
		}
		kept(t, dir)
	}
	s := openStore(t, dir)
	parts, err := os.ReadDir(filepath.Join(dir, partFolder))
	if err != nil || len(parts) > 0 {
		t.Errorf("%d half-made files are left, %v", len(parts), err)
	}
	rows, err := s.index.db.Query(`select sum, size from fetched`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		var b []byte
		var size int64
		if err := rows.Scan(&b, &size); err != nil {
			t.Fatal(err)
		}
		if sum := Sum(b); !s.has(sum, size) {
			t.Errorf("the index knows %s, which is not there", sum)
		}
		n++
	}
	if n == 0 {
		t.Error("no file was kept before a kill")
	}
	t.Logf("%d files after %d kills", n, kills)
}

// fillStore fetches without end.
func fillStore(t *testing.T, dir, url string) {
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	allow, err := ParseAllow([]string{strings.TrimPrefix(url, "http://")})
	if err != nil {
		t.Fatal(err)
	}
	k := &Keeper{Store: s, Fetcher: NewFetcher(Settings{Allow: allow})}
	for i := 0; ; i++ {
		for range 2 {
			if _, err := k.Get(t.Context(), Source{URL: fmt.Sprintf("%s/%d-%d", url, os.Getpid(), i)}); err != nil {
				t.Fatal(err)
			}
		}
	}
}
