package gorgias

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/files"
	"github.com/deskferry/deskferry/mapping"
)

// Attachments say what becomes of files. The zero value leaves URLs as they are, and uploads what carries its bytes.
type Attachments struct {
	Keeper  *files.Keeper // has the files, and what was uploaded; nil: what carries its bytes is uploaded by each run
	Fetch   bool          // URLs are fetched, uploaded, and named by the account's own
	Require bool          // a file that cannot be had holds its ticket, instead of being replaced by a line of text
	Hosts   []string      // images in texts that lead to these hosts are files too
}

// Codes of images in texts: one leads to no file of its message, or there are more than become files. The codes of missing files
// are those of [files.Code].
const (
	LossImage  = "file.inline"
	LossImages = "file.inline_many"
)

// maxURL is how long an attachment's address may be. No limit is documented: this is the sandbox's.
const maxURL = 4096

const filesAtOnce = 4 // of one ticket

var _ importer.Preparer = (*Client)(nil)

// wish is a file that a message needs, and where its fate is put.
type wish struct {
	source files.Source
	to     *importer.File
	err    error
}

// Prepare implements [importer.Preparer]: it has the files of messages fetched and uploaded, each content once for all
// messages and runs, and remembers what each message is sent with for [Client.Compare]. No request slot is held while a file's
// host is waited for; an upload takes one of its own. A missing file is no error unless all are required.
func (c *Client) Prepare(ctx context.Context, w *importer.Work, from, to int) error {
	if len(w.Files) != len(w.Ticket.Messages) {
		w.Files = make([]*importer.MessageFiles, len(w.Ticket.Messages))
	}
	var wishes []*wish
	made := map[int]*importer.MessageFiles{}
	for i := from; i < to && i < len(w.Files); i++ {
		if w.Files[i] != nil {
			continue
		}
		m := &w.Ticket.Messages[i]
		if f, some := c.wishes(m, &wishes); some {
			made[i] = f
		} else if k := c.Attachments.Keeper; k != nil && len(m.Attachments) > 0 {
			if err := k.SetSent(c.base.Host, string(w.Key), w.MessageIDs[i], nil); err != nil { // of an earlier try, made otherwise
				return err
			}
		}
	}
	if len(made) == 0 {
		return nil
	}
	if err := c.grant(ctx, wishes); err != nil {
		return err
	}
	if c.Attachments.Require {
		if err := allThere(wishes); err != nil {
			return err
		}
	}
	for i, f := range made {
		if k := c.Attachments.Keeper; k != nil {
			b, err := json.Marshal(recordOf(w, i, f))
			if err != nil {
				return fmt.Errorf("remembering the files of ticket %s: %w", w.Key, err)
			}
			if err := k.SetSent(c.base.Host, string(w.Key), w.MessageIDs[i], b); err != nil {
				return err
			}
		}
		w.Files[i] = f
	}
	return nil
}

// wishes lists the files of a message; false where it has none that are more than links.
func (c *Client) wishes(m *mapping.Message, out *[]*wish) (*importer.MessageFiles, bool) {
	f := &importer.MessageFiles{Attachments: make([]importer.File, len(m.Attachments))}
	before := len(*out)
	known := map[string]bool{}
	for i, a := range m.Attachments {
		if a.URL == "" && a.Data != "" || c.Attachments.Fetch {
			s := files.Source{URL: a.URL, Data: a.Data, Name: a.Name, ContentType: a.ContentType}
			*out = append(*out, &wish{source: s, to: &f.Attachments[i]})
			known[files.SameURL(a.URL)] = true
			continue
		}
		f.Attachments[i] = linked(a)
	}
	if c.Attachments.Fetch {
		sources := c.inline(m, known, f)
		for i := range sources {
			*out = append(*out, &wish{source: sources[i], to: &f.Inline[i].File})
		}
	}
	return f, len(*out) > before
}

// inline finds the images in a message's text that are files of their own and gives each a place in f.
func (c *Client) inline(m *mapping.Message, known map[string]bool, f *importer.MessageFiles) (sources []files.Source) {
	var more []string
	for _, body := range [...]string{m.BodyHTML, m.StrippedHTML} {
		refs, beyond := files.Images(body, c.Attachments.Hosts)
		more = append(more, beyond...)
		for _, ref := range refs {
			s, ok := files.Source{URL: ref}, true
			if files.IsData(ref) {
				s, ok = files.FromData(ref)
			}
			if name := inlineRef(ref); ok && !known[name] {
				known[name] = true
				sources = append(sources, s)
				f.Inline = append(f.Inline, importer.Inline{Ref: name})
			}
		}
	}
	for _, ref := range more {
		if name := inlineRef(ref); !known[name] {
			known[name] = true
			f.Beyond++
		}
	}
	return sources
}

// linked is an attachment that stays a link.
func linked(a mapping.Attachment) importer.File {
	f := importer.File{URL: a.URL, Name: a.Name, ContentType: a.ContentType, Size: max(a.Size, 0)}
	if utf8.RuneCountInString(a.URL) > maxURL {
		f = importer.File{Name: files.NameOf(files.Source{URL: a.URL, Name: a.Name}), Missing: string(files.BadURL)}
	}
	return f
}

// inlineRef is what stands for a reference in [importer.Inline]: a hash where it carries bytes.
func inlineRef(ref string) string {
	if files.IsData(ref) {
		sum := sha256.Sum256([]byte(ref))
		return "data:" + hex.EncodeToString(sum[:16])
	}
	return files.SameURL(ref)
}

// grant has all wishes fetched and uploaded, a few at a time. It waits for each of them, whatever became of the others.
func (c *Client) grant(ctx context.Context, wishes []*wish) error {
	slots := make(chan struct{}, filesAtOnce)
	var all sync.WaitGroup
	for _, w := range wishes {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			w.err = c.fulfil(ctx, w)
		})
	}
	all.Wait()
	for _, w := range wishes {
		if _, missing := files.CodeOf(w.err); w.err != nil && !missing {
			return w.err
		}
	}
	return ctx.Err()
}

// fulfil puts the file into the account, or says why that cannot be.
func (c *Client) fulfil(ctx context.Context, w *wish) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	f, err := c.file(ctx, w.source)
	var u string
	if err == nil {
		u, err = c.stored(ctx, w.source, f)
	}
	if code, missing := files.CodeOf(err); missing {
		*w.to = importer.File{Name: files.NameOf(w.source), Missing: string(code)}
		return err
	}
	if err != nil {
		return err
	}
	*w.to = importer.File{URL: u, Name: f.Name, ContentType: f.ContentType, Size: f.Size}
	return nil
}

// file has the file, at hand or from its host.
func (c *Client) file(ctx context.Context, s files.Source) (files.File, error) {
	if k := c.Attachments.Keeper; k != nil {
		return k.Get(ctx, s)
	}
	b, err := files.Decode(s)
	if err != nil {
		return files.File{}, err
	}
	return files.FileOf(s, b), nil
}

// allThere holds a ticket one of whose files is missing.
func allThere(wishes []*wish) error {
	var lost []string
	for _, w := range wishes {
		if w.err != nil {
			lost = append(lost, fmt.Sprintf("%s (%v)", w.to.Name, w.err))
		}
	}
	if len(lost) == 0 {
		return nil
	}
	note := fmt.Sprintf("%d of its files cannot be had: %s", len(lost), strings.Join(lost[:min(len(lost), 3)], ", "))
	return &importer.Hold{Reason: importer.ReasonFiles, Note: note}
}

// recall puts into w what its messages were sent with, as far as that is known.
func (c *Client) recall(w *importer.Work) error {
	k := c.Attachments.Keeper
	if k == nil {
		return nil
	}
	w.Files = make([]*importer.MessageFiles, len(w.Ticket.Messages))
	for i := range w.Ticket.Messages {
		m := &w.Ticket.Messages[i]
		if len(m.Attachments) == 0 && !strings.Contains(m.BodyHTML, "src") && !strings.Contains(m.BodyHTML, "SRC") {
			continue
		}
		b, err := k.Sent(c.base.Host, string(w.Key), w.MessageIDs[i])
		if err != nil {
			return err
		}
		if b == nil {
			continue
		}
		f := new(importer.MessageFiles)
		if err := json.Unmarshal(b, f); err != nil {
			return fmt.Errorf("reading what ticket %s was sent with: %w", w.Key, err)
		}
		w.Files[i] = f
	}
	return nil
}

// attach gives m the attachments of message i of w, as they are or as [Client.Prepare] made them. Then references to them in
// the text lead to the account's own, and a line at the end of the text stands for each that is missing.
func (e Encoder) attach(w *importer.Work, i int, m *Message) (losses []Loss) {
	c := &w.Ticket.Messages[i]
	var f *importer.MessageFiles
	if i < len(w.Files) {
		f = w.Files[i]
	}
	if f == nil || len(f.Attachments) != len(c.Attachments) {
		var lost []importer.File
		for _, a := range c.Attachments {
			link := linked(a)
			if link.URL == "" && a.URL == "" && e.People == nil { // offline nothing is uploaded
				link.URL = "data:" + a.ContentType + ";base64," + a.Data
			}
			lost = m.attachFile(a, link, lost)
		}
		return m.lack(lost)
	}
	var lost []importer.File
	for k, a := range f.Attachments {
		lost = m.attachFile(c.Attachments[k], a, lost)
	}
	r := newReferences(c.Attachments, f)
	m.BodyHTML = files.Rewrite(m.BodyHTML, r.change)
	m.StrippedHTML = files.Rewrite(m.StrippedHTML, r.change)
	for ref := range r.unknown {
		losses = append(losses, Loss{LossImage, "body_html", clip(ref), "the text shows an image that is no attachment of its message; map content_id, or leave it"})
	}
	for _, in := range f.Inline {
		if in.File.Missing != "" {
			lost = append(lost, in.File)
		}
	}
	if f.Beyond > 0 {
		losses = append(losses, Loss{LossImages, "body_html", plural(f.Beyond, "image"),
			fmt.Sprintf("the first %d images of a text become files, the others stay as they are: a link dies with the old system", files.MaxImages)})
	}
	return append(losses, m.lack(lost)...)
}

// attachFile attaches f, which a became, or adds it to what is missing. An address that is too long to be sent stays in meta.
func (m *Message) attachFile(a mapping.Attachment, f importer.File, lost []importer.File) []importer.File {
	if f.Missing == "" {
		m.Attachments = append(m.Attachments, Attachment{URL: f.URL, Name: f.Name, ContentType: f.ContentType, Size: f.Size, Public: m.Public})
		return lost
	}
	if utf8.RuneCountInString(a.URL) > maxURL {
		m.Meta.Deskferry.Fields = append(m.Meta.Deskferry.Fields, Named{"original_attachments_url", a.URL})
	}
	return append(lost, f)
}

// lack puts lines into the text for the files that are missing.
func (m *Message) lack(lost []importer.File) (losses []Loss) {
	for _, a := range lost {
		code := files.Code(a.Missing)
		losses = append(losses, Loss{a.Missing, "attachments", a.Name, code.Hint()})
	}
	m.BodyText, m.BodyHTML = placeholders(m.BodyText, m.BodyHTML, lost)
	return losses
}
