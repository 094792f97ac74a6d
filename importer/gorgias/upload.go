package gorgias

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"mime/multipart"
	"net/textproto"
	"net/url"
	"strings"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/mapping"
)

const maxUpload = 60 << 20 // bytes, within what the wire rule lets pass

// inlineFiles gives the attachments of each message where some carry their bytes instead of a URL; nil if none does.
func inlineFiles(messages []mapping.Message) [][]mapping.Attachment {
	var files [][]mapping.Attachment
	for i := range messages {
		for _, a := range messages[i].Attachments {
			if a.URL == "" && a.Data != "" {
				if files == nil {
					files = make([][]mapping.Attachment, len(messages))
				}
				files[i] = messages[i].Attachments
				break
			}
		}
	}
	return files
}

// uploadFiles gives the attachments that carry their bytes a URL of the account's own: POST /api/upload, repeated after
// an outage, since an upload that nothing refers to does no harm. wire holds the same attachments in the same order;
// those uploaded once are not uploaded again. A failure is NotSent, Refused or Stop: the write it was for was not sent.
func (c *Client) uploadFiles(ctx context.Context, files []mapping.Attachment, wire []Attachment) error {
	for i, a := range files {
		if a.URL != "" || a.Data == "" || wire[i].URL != "" {
			continue
		}
		data, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(a.Data), ""))
		if err != nil {
			return refused("attachment %q: its data is not base64: %w", clip(a.Name), err)
		}
		if len(data) > maxUpload {
			return refused("attachment %q: %d bytes are more than one upload takes (%d)", clip(a.Name), len(data), maxUpload)
		}
		stored, err := c.upload(ctx, a, data)
		if err != nil {
			f := *importer.FaultOf(err)
			if f.Kind == importer.Lost {
				f.Kind = importer.NotSent
			}
			f.Doubtful = false
			return &f
		}
		stored.Public = wire[i].Public
		wire[i] = stored
	}
	return nil
}

func (c *Client) upload(ctx context.Context, a mapping.Attachment, data []byte) (Attachment, error) {
	name := fileName(a)
	kind := a.ContentType
	if kind == "" || strings.ContainsAny(kind, "\r\n") {
		kind = "application/octet-stream"
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {multipart.FileContentDisposition("file", name)},
		"Content-Type":        {kind},
	})
	if err == nil {
		_, err = part.Write(data)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		return Attachment{}, refused("attachment %q: %w", clip(name), err)
	}
	var answer []struct {
		URL         text     `json:"url"`
		Name        text     `json:"name"`
		ContentType text     `json:"content_type"`
		Size        number64 `json:"size"`
	}
	k := call{op: opUpload, doing: fmt.Sprintf("uploading attachment %q", clip(name)), path: "upload", query: url.Values{"type": {"attachment"}},
		body: body.Bytes(), contentType: form.FormDataContentType(), out: &answer}
	if err := c.insist(ctx, k); err != nil {
		return Attachment{}, err
	}
	if len(answer) != 1 || answer[0].URL == "" {
		return Attachment{}, refused("%s: the answer names no file", k.doing)
	}
	up := answer[0]
	return Attachment{URL: string(up.URL), Name: name, ContentType: kind, Size: max(int64(up.Size), 0)}, nil
}

// fileName is the attachment's name, fit for a header; an upload needs one.
func fileName(a mapping.Attachment) string {
	name := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, a.Name)
	if name = strings.TrimSpace(name); name == "" {
		return "attachment"
	}
	return name
}
