package files

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	_ "modernc.org/sqlite" // the driver
)

// index remembers what came of each source, which content each account has, and what each message was sent with. It holds no
// URL of the source, only hashes of them.
type index struct {
	path string
	db   *sql.DB
}

// What a killed process loses is not known to the next: a file is fetched or uploaded once more, which does no harm.
const indexSchema = `
create table if not exists fetched(
	source blob primary key,        -- SHA-256 of the URL
	code text not null,             -- why it cannot be had; '' when it was fetched
	sum blob, size integer, kind text, name text,
	tried integer not null          -- milliseconds
) without rowid;
create table if not exists uploaded(
	account text not null, sum blob not null, url text not null,
	primary key(account, sum)
) without rowid;
create table if not exists sent(
	account text not null, ticket text not null, message text not null, files blob not null,
	primary key(account, ticket, message)
) without rowid;
pragma user_version = 1;`

func openIndex(path string, readOnly bool) (*index, error) {
	pragmas := []string{"busy_timeout(10000)"}
	if readOnly {
		pragmas = append(pragmas, "query_only(1)")
	} else {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
		if err == nil {
			err = f.Close()
		}
		if err != nil {
			return nil, fmt.Errorf("opening the index of files: %w", err)
		}
		pragmas = append(pragmas, "journal_mode(wal)", "synchronous(normal)")
	}
	db, err := sql.Open("sqlite", indexURL(path, pragmas))
	if err != nil {
		return nil, fmt.Errorf("opening the index of files: %w", err)
	}
	db.SetMaxOpenConns(1)
	if !readOnly {
		_, err = db.Exec(indexSchema)
	}
	var version int
	if err == nil {
		err = db.QueryRow(`select user_version from pragma_user_version`).Scan(&version)
	}
	if wal, e := os.Stat(path + "-wal"); err != nil && readOnly && (e != nil || wal.Size() == 0) { // a read-only disk takes no files beside it
		_ = db.Close()
		if db, err = sql.Open("sqlite", indexURL(path, pragmas)+"&immutable=1"); err == nil {
			err = db.QueryRow(`select user_version from pragma_user_version`).Scan(&version)
		}
	}
	if err == nil && version != 1 {
		err = fmt.Errorf("it is of format %d, this version knows 1", version)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening the index of files %s (remove the folder to begin anew): %w", path, err), db.Close())
	}
	return &index{path: path, db: db}, nil
}

// indexURL is a data source name that any path fits into.
func indexURL(path string, pragmas []string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	if path = filepath.ToSlash(path); !strings.HasPrefix(path, "/") {
		path = "/" + path // a drive letter
	}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: url.Values{"_pragma": pragmas}.Encode()}).String()
}

func (x *index) close() error { return x.db.Close() }

func (x *index) failed(doing string, err error) error {
	return fmt.Errorf("%s in the index of files %s: %w", doing, x.path, err)
}

// fetched returns what is known of a source; false when nothing is.
func (x *index) fetched(source Sum) (f File, code Code, known bool, err error) {
	var sum, kind, name sql.NullString
	var size sql.NullInt64
	err = x.db.QueryRow(`select code, sum, size, kind, name from fetched where source = ?`, source[:]).Scan(&code, &sum, &size, &kind, &name)
	if errors.Is(err, sql.ErrNoRows) {
		return File{}, "", false, nil
	}
	if err != nil {
		return File{}, "", false, x.failed("looking up a file", err)
	}
	copy(f.Sum[:], sum.String)
	f.Size, f.ContentType, f.Name = size.Int64, kind.String, name.String
	return f, code, true, nil
}

// putFetched remembers a file that was fetched.
func (x *index) putFetched(source Sum, f File) error {
	_, err := x.db.Exec(`insert or replace into fetched(source, code, sum, size, kind, name, tried) values(?, '', ?, ?, ?, ?, ?)`,
		source[:], f.Sum[:], f.Size, f.ContentType, f.Name, time.Now().UnixMilli())
	if err != nil {
		return x.failed("remembering a file", err)
	}
	return nil
}

// putMissing remembers that a source gave no file.
func (x *index) putMissing(source Sum, code Code) error {
	_, err := x.db.Exec(`insert or replace into fetched(source, code, tried) values(?, ?, ?)`, source[:], code, time.Now().UnixMilli())
	if err != nil {
		return x.failed("remembering a file", err)
	}
	return nil
}

// uploaded returns the account's URL of a content, "" when it has none.
func (x *index) uploaded(account string, sum Sum) (u string, err error) {
	err = x.db.QueryRow(`select url from uploaded where account = ? and sum = ?`, account, sum[:]).Scan(&u)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", x.failed("looking up an upload", err)
	}
	return u, nil
}

func (x *index) putUploaded(account string, sum Sum, u string) error {
	if _, err := x.db.Exec(`insert or replace into uploaded(account, sum, url) values(?, ?, ?)`, account, sum[:], u); err != nil {
		return x.failed("remembering an upload", err)
	}
	return nil
}

// sent returns what a message was prepared with, nil when nothing is known of it.
func (x *index) sent(account, ticket, message string) (b []byte, err error) {
	err = x.db.QueryRow(`select files from sent where account = ? and ticket = ? and message = ?`, account, ticket, message).Scan(&b)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, x.failed("looking up a message's files", err)
	}
	return b, nil
}

func (x *index) putSent(account, ticket, message string, b []byte) error {
	if b == nil {
		if _, err := x.db.Exec(`delete from sent where account = ? and ticket = ? and message = ?`, account, ticket, message); err != nil {
			return x.failed("forgetting a message's files", err)
		}
		return nil
	}
	if _, err := x.db.Exec(`insert or replace into sent(account, ticket, message, files) values(?, ?, ?, ?)`, account, ticket, message, b); err != nil {
		return x.failed("remembering a message's files", err)
	}
	return nil
}

// sentAll yields all that was sent to an account, by ticket. It ends when each returns an error, which is returned.
func (x *index) sentAll(account string, each func(ticket, message string, files []byte) error) error {
	rows, err := x.db.Query(`select ticket, message, files from sent where account = ? order by ticket, message`, account)
	if err != nil {
		return x.failed("listing what was sent", err)
	}
	defer rows.Close()
	for rows.Next() {
		var ticket, message string
		var files []byte
		if err := rows.Scan(&ticket, &message, &files); err != nil {
			return x.failed("listing what was sent", err)
		}
		if err := each(ticket, message, files); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return x.failed("listing what was sent", err)
	}
	return nil
}
