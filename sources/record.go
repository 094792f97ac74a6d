// Package sources reads what the old helpdesk gave: CSV, JSON, XML and mail, whatever their
// encoding, delimiter, compression or place, as a stream of records with their origin.
//
// It knows nothing of tickets or of Gorgias. A bad record is a [BadRecord] and the stream goes
// on; anything else that goes wrong ends the stream.
package sources

import (
	"context"
	"fmt"
	"iter"
	"strconv"
)

// Source is an export, cut into pieces. Pieces come in input order; each can be decoded on any
// core, and a source can be read again from the start by calling Pieces again.
type Source interface {
	Pieces(context.Context) iter.Seq2[Piece, error]
}

// Piece is a run of neighbouring records of one file. A *Record is valid until the next one is
// yielded; its strings stay valid. An error that is a *[BadRecord] concerns one record and the iteration
// goes on; any other error is the last thing yielded.
type Piece interface {
	Records() iter.Seq2[*Record, error]
}

// Origin is where a record was read.
type Origin struct {
	File  string // the name as the user knows it; a member of an archive is "export.zip/tickets.csv"
	Line  int64  // first physical line of the record, from 1; 0 where the file has no lines to speak of
	Index int64  // ordinal of the record in its file and place, from 0
	Place string // the path inside a JSON document the record was found at ("tickets"); "" at the root
}

// String gives file:line where there is a line, else file[index] with the place in the document.
func (o Origin) String() string {
	if o.Line > 0 {
		return o.File + ":" + strconv.FormatInt(o.Line, 10)
	}
	return fmt.Sprintf("%s%s[%d]", o.File, dotted(o.Place), o.Index)
}

func dotted(place string) string {
	if place == "" {
		return ""
	}
	return "#" + place
}

// BadRecord is a record that cannot be read as one: a ragged row, a torn quote, broken JSON. The
// records around it are not affected.
type BadRecord struct {
	Origin Origin
	Code   string // stable, for reports: "record.ragged", "record.torn", "record.json", …
	Value  string // an excerpt of the offending text, at most 200 bytes
	Hint   string // what the user does next
	Raw    []byte // the record as it stands in the file, decoded to UTF-8, for the rejects file
	Err    error
	File   *File  // the file it stands in
	Mends  string // as [Record.Mends]
}

func (b *BadRecord) Error() string { return b.Origin.String() + ": " + b.Err.Error() }

func (b *BadRecord) Unwrap() error { return b.Err }

// Record is one row of a CSV file, or a document: a value of a JSON text, an element of XML, a mail.
type Record struct {
	Origin  Origin
	File    *File    // the file it came from, with its columns; never nil
	Fields  []string // a row's cells, one per column of File.Columns; nil for a document
	Nodes   []Node   // a document's values in reading order, Nodes[0] is the root; nil for a row
	Raw     []byte   // a document's JSON text, made from XML and mails; nil for a row (encode Fields instead)
	Ordinal int64    // ordinal over the whole source, from 0: orders records across files
	Mends   string   // origin of the rejected record this one replaces, from its deskferry_origin; else ""
}

// IsRow tells rows from documents.
func (r *Record) IsRow() bool { return r.Nodes == nil }

// Kind is the type of a [Node].
type Kind uint8

// The kinds of a JSON value.
const (
	Null Kind = iota
	Bool
	Number // Text holds the digits as written, so that large integers and decimals stay exact
	String
	Array
	Object
)

// Node is one value of a document. Children of Nodes[i] are found by starting at First (0: none) and
// following Next (0: last). A record's nodes live in one reused slice: no pointers, no maps.
type Node struct {
	Kind  Kind
	Name  string // the member's name when the parent is an object
	Text  string // Bool ("true"/"false"), Number and String
	First int32
	Next  int32
}

// File is one opened file (or member of an archive) of a source.
type File struct {
	Name     string // as in Origin.File; the folder, where it stands for files of one mail each
	Base     string // the last element of the name, without compression suffix: what globs match
	Ordinal  int    // from 0, in reading order
	Modified string // RFC 3339 UTC, "" when unknown
	Format   Format
	Columns  []string // a CSV file's header as written, nil for documents. Names may repeat and may be empty
	Encoding string   // "utf-8", "utf-16le", "windows-1252", …; "" for mail, of which each part says its own
	Comma    byte     // the delimiter of a CSV file
	BOM      bool     // it begins with a byte order mark
	Mended   bool     // a file of rejected records, read back: only some of what an export holds is in it
	Lines    bool     // values one after another or one a line, not in a list; mails

	table  *table  // a CSV file's rows
	beside *beside // members of a JSON or XML file that are no records
}

// Format is the container of records.
type Format string

// The formats.
const (
	CSV  Format = "csv"
	JSON Format = "json"
	XML  Format = "xml"  // documents, as xmlDoc makes them of elements
	Mail Format = "mail" // documents, as [MailJSON] makes them: mbox, EML, Maildir, Apple's emlx
)

// Options fix what would otherwise be sniffed. The zero value sniffs everything.
type Options struct {
	Format   Format // "" sniffs
	Encoding string // "" sniffs; any name of the WHATWG encoding standard
	Comma    byte   // 0 sniffs among , ; tab |
	// Places are the paths inside a document (of XML by local names, with the root or without) that hold records ("tickets", "data.items"); [RootPlace] is the
	// document itself. Empty, or none of them in it: an array at the root, the lines of NDJSON, or the arrays of objects in
	// the wrapping object, each a place.
	Places []string
}
