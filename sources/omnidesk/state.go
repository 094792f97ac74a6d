package omnidesk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// The names in a snapshot's folder. What is no record is hidden, so that the folder itself can be read as an export.
const (
	ticketsName   = "tickets.ndjson"
	usersName     = "users.ndjson"
	customersName = "customers.ndjson"
	stateName     = ".snapshot.json"
	lockName      = ".lock"
	mailName      = ".mail"
)

// state is what a snapshot says of itself. It never holds the key.
type state struct {
	Format   int       `json:"format"` // 1
	Base     string    `json:"base"`
	Begun    time.Time `json:"begun"`
	Finished time.Time `json:"finished,omitzero"` // of the last pull that came to its end
	Complete bool      `json:"complete"`          // everything listed was read
	Tickets  int       `json:"tickets"`
	Select   selection `json:"select"`
	History  string    `json:"history,omitempty"`
	RawMail  bool      `json:"raw_mail"`
	Stale    int64     `json:"stale,omitempty"` // lines of tickets before this byte were read with other settings
}

// selection is which tickets a snapshot holds.
type selection struct {
	Archived string `json:"archived,omitempty"`
	View     string `json:"view,omitempty"`
	Query    string `json:"query,omitempty"`
	Status   string `json:"status,omitempty"`
}

func (s Settings) selection() selection { return selection{s.Archived, s.View, s.Query, s.Status} }

// readState reads a folder's state; nil where there is none.
func readState(dir string) (*state, error) {
	name := filepath.Join(dir, stateName)
	b, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the state of the snapshot: %w", err)
	}
	s := &state{}
	if err := json.Unmarshal(b, s); err != nil || s.Format != 1 || s.Base == "" {
		return nil, fmt.Errorf("%s is not the state of a snapshot that this version knows: name another folder with --snapshot, or delete this one", name)
	}
	return s, nil
}

// write replaces the state; it is on the disk when it returns.
func (s *state) write(dir string) error {
	b, err := json.Marshal(s, jsontext.WithIndent("  "))
	if err == nil {
		err = replaceFile(filepath.Join(dir, stateName), func(f *os.File) error {
			_, err := f.Write(append(b, '\n'))
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("writing the state of the snapshot: %w", err)
	}
	return nil
}

// fits tells whether tickets selected by new may join those of old.
func (s *state) fits(base string, want selection) error {
	had := s.Select
	if had.Archived == "" {
		had.Archived = want.Archived // more is listed now; what is there stays
	}
	switch {
	case s.Base != base:
		return fmt.Errorf("it is of %s, not of %s", s.Base, base)
	case had != want:
		return fmt.Errorf("it was made with other settings of source.api (%s), and its tickets would be taken for chosen ones", s.Select)
	}
	return nil
}

// String lists the settings as they are written.
func (s selection) String() string {
	out := ""
	for _, p := range [][2]string{{"archived", s.Archived}, {"view", s.View}, {"query", s.Query}, {"status", s.Status}} {
		if p[1] != "" {
			out += fmt.Sprintf(", %s: %s", p[0], p[1])
		}
	}
	if out == "" {
		return "none that select"
	}
	return out[2:]
}

// replaceFile writes a file beside name and puts it in its place when all of it is on the disk.
func replaceFile(name string, write func(*os.File) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), ".new-*") // 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, ignoreClosed(f.Close()), os.Remove(f.Name()))
		}
	}()
	if err := write(f); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), name); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(name))
}

func ignoreClosed(err error) error {
	if errors.Is(err, os.ErrClosed) {
		return nil
	}
	return err
}

// syncFolder makes a rename last. Not every system can; where it cannot, the rename is as durable as it gets.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	_ = d.Sync()
	return d.Close()
}
