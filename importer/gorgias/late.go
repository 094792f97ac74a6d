package gorgias

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/files"
	"github.com/deskferry/deskferry/mapping"
)

// sentRecord is what is remembered of a message with files: how it was sent, for [Client.Compare], and what was missing, for
// [Client.Late].
type sentRecord struct {
	importer.MessageFiles
	Sent    time.Time     `json:"sent"`
	Spam    bool          `json:"spam,omitempty"`    // of the ticket
	Trashed bool          `json:"trashed,omitempty"` // of the ticket
	Lacks   []missingFile `json:"lacks,omitempty"`
}

// missingFile is one the message was sent without. Its URL is remembered until it has come.
type missingFile struct {
	URL         string `json:"url"`
	Name        string `json:"name"`
	ContentType string `json:"content_type,omitempty"`
}

// recordOf is what is remembered of message i of w.
func recordOf(w *importer.Work, i int, f *importer.MessageFiles) sentRecord {
	m := &w.Ticket.Messages[i]
	r := sentRecord{MessageFiles: *f, Sent: m.SentDatetime.Time(), Spam: w.Ticket.Spam, Trashed: !w.Ticket.TrashedDatetime.IsZero()}
	for k, a := range m.Attachments {
		if file := f.Attachments[k]; file.Missing != "" && a.URL != "" {
			r.Lacks = append(r.Lacks, missingFile{a.URL, file.Name, a.ContentType})
		}
	}
	for _, in := range f.Inline {
		if in.File.Missing != "" && !files.IsData(in.Ref) && !strings.HasPrefix(in.Ref, "data:") {
			r.Lacks = append(r.Lacks, missingFile{in.Ref, in.File.Name, ""})
		}
	}
	return r
}

// Late is the note that brings files which could not be had when their ticket was imported.
type Late struct {
	Key     importer.Key
	Note    mapping.Message // internal, with the files as attachments; sent when the last message that lacked one was
	NoteID  string          // its external id
	Spam    bool            // of the ticket, as it was imported
	Trashed bool
	Files   int
	came    map[string]map[string]bool // by message, URLs
}

// Late asks once more for the files that tickets were imported without, and returns a note for each ticket of which some can
// be had now, by ticket. A note for the same files is always the same. missing counts those that still cannot be had.
func (c *Client) Late(ctx context.Context) (notes []Late, missing int, err error) {
	k := c.Attachments.Keeper
	if k == nil {
		return nil, 0, nil
	}
	records := map[importer.Key]map[string]sentRecord{}
	err = k.EachSent(c.base.Host, func(ticket, message string, b []byte) error {
		var r sentRecord
		if err := json.Unmarshal(b, &r); err != nil {
			return fmt.Errorf("reading what ticket %s was sent with: %w", ticket, err)
		}
		if len(r.Lacks) > 0 {
			key := importer.Key(ticket)
			if records[key] == nil {
				records[key] = map[string]sentRecord{}
			}
			records[key][message] = r
		}
		return nil
	})
	for key, messages := range records {
		if err != nil {
			return nil, 0, err
		}
		var late Late
		var left int
		late, left, err = c.late(ctx, key, messages)
		missing += left
		if late.Files > 0 {
			notes = append(notes, late)
		}
	}
	slices.SortFunc(notes, func(a, b Late) int { return cmp.Compare(a.Key, b.Key) })
	return notes, missing, err
}

func (c *Client) late(ctx context.Context, key importer.Key, messages map[string]sentRecord) (l Late, missing int, err error) {
	l = Late{Key: key, came: map[string]map[string]bool{}}
	var sent time.Time
	var names, urls []string
	for message, r := range messages {
		l.Spam, l.Trashed = r.Spam, r.Trashed
		for _, f := range r.Lacks {
			_, err := c.Attachments.Keeper.Get(ctx, files.Source{URL: f.URL, Name: f.Name, ContentType: f.ContentType})
			if _, lost := files.CodeOf(err); lost {
				missing++
				continue
			}
			if err != nil {
				return l, missing, err
			}
			if l.came[message] == nil {
				l.came[message] = map[string]bool{}
			}
			l.came[message][f.URL] = true
			l.Files++
			names, urls = append(names, f.Name), append(urls, message+"\n"+f.URL)
			l.Note.Attachments = append(l.Note.Attachments, mapping.Attachment{URL: f.URL, Name: f.Name, ContentType: f.ContentType})
			if r.Sent.After(sent) {
				sent = r.Sent
			}
		}
	}
	if l.Files == 0 {
		return l, missing, nil
	}
	slices.Sort(names)
	slices.Sort(urls)
	slices.SortFunc(l.Note.Attachments, func(a, b mapping.Attachment) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.URL, b.URL))
	})
	sum := sha256.Sum256([]byte(strings.Join(urls, "\n")))
	l.NoteID = "files:" + hex.EncodeToString(sum[:16])
	at, err := mapping.NewSentTime(sent, time.Now())
	if err != nil {
		return l, missing, fmt.Errorf("ticket %s: %w", key, err)
	}
	text := "These files could not be had when this conversation was imported, and came later: " + strings.Join(names, ", ")
	l.Note.ExternalID, l.Note.Channel, l.Note.Via, l.Note.FromAgent, l.Note.SentDatetime = l.NoteID, "internal-note", "api", true, at
	l.Note.BodyText, l.Note.BodyHTML = text, mapping.HTMLOfText(text)
	return l, missing, nil
}

// Arrived remembers that a note is in the account: its files are not asked for again.
func (c *Client) Arrived(l Late) error {
	k := c.Attachments.Keeper
	for message, came := range l.came {
		b, err := k.Sent(c.base.Host, string(l.Key), message)
		if err != nil {
			return err
		}
		var r sentRecord
		if err := json.Unmarshal(b, &r); err != nil {
			return fmt.Errorf("reading what ticket %s was sent with: %w", l.Key, err)
		}
		r.Lacks = slices.DeleteFunc(r.Lacks, func(f missingFile) bool { return came[f.URL] })
		if b, err = json.Marshal(r); err == nil {
			err = k.SetSent(c.base.Host, string(l.Key), message, b)
		}
		if err != nil {
			return fmt.Errorf("remembering the files of ticket %s: %w", l.Key, err)
		}
	}
	return nil
}
