package gorgias

import (
	"bytes"
	"context"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/files"
)

const (
	maxUpload    = 60 << 20 // bytes, within what the wire rule lets pass
	maxUploading = 96 << 20 // bytes of files held for uploads in hand
)

// stored returns the account's URL of a file, which is uploaded unless the account has that content already. What the account
// does not take is a [*files.Missing]; other errors are *[importer.Fault]s, broken plumbing or ctx's.
func (c *Client) stored(ctx context.Context, s files.Source, f files.File) (string, error) {
	if f.Size > maxUpload {
		return "", &files.Missing{Code: files.TooLarge, Detail: fmt.Sprintf("%d bytes, one upload takes %d", f.Size, maxUpload)}
	}
	u, err, _ := c.uploads.Do(string(f.Sum[:]), func() (any, error) {
		k := c.Attachments.Keeper
		if k != nil {
			if u, err := k.Uploaded(c.base.Host, f.Sum); u != "" || err != nil {
				return u, err
			}
		}
		// Twice: the form is a copy, and so is what the wire rule has checked; they are held one after the other.
		if err := c.uploading.Acquire(ctx, f.Size); err != nil {
			return "", err
		}
		defer c.uploading.Release(f.Size)
		var data []byte
		var err error
		if k != nil {
			data, err = k.Bytes(ctx, s, f)
		} else {
			data, err = files.Decode(s)
		}
		if err != nil {
			return "", err
		}
		u, err := c.upload(ctx, f, data)
		if err == nil && k != nil {
			err = k.SetUploaded(c.base.Host, f.Sum, u)
		}
		return u, err
	})
	if err != nil {
		return "", err
	}
	return u.(string), nil
}

// upload makes POST /api/upload (api/gorgias section 8), again after an outage: an upload that nothing refers to does no harm.
func (c *Client) upload(ctx context.Context, f files.File, data []byte) (string, error) {
	kind := f.ContentType
	if kind == "" || strings.ContainsAny(kind, "\r\n") {
		kind = "application/octet-stream"
	}
	var body bytes.Buffer
	body.Grow(len(data) + 1024)
	form := multipart.NewWriter(&body)
	part, err := form.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {multipart.FileContentDisposition("file", f.Name)},
		"Content-Type":        {kind},
	})
	if err == nil {
		_, err = part.Write(data)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		return "", fmt.Errorf("uploading %q: %w", clip(f.Name), err)
	}
	var answer []struct {
		URL text `json:"url"`
	}
	k := call{op: opUpload, doing: fmt.Sprintf("uploading %q", clip(f.Name)), path: "upload", query: url.Values{"type": {"attachment"}},
		body: body.Bytes(), contentType: form.FormDataContentType(), out: &answer}
	if err := c.insist(ctx, k); err != nil {
		if fault := importer.FaultOf(err); fault.Kind == importer.Refused {
			code := files.NotTaken
			if strings.Contains(fault.Error(), fmt.Sprint("answered ", http.StatusRequestEntityTooLarge)) {
				code = files.TooLarge
			}
			return "", &files.Missing{Code: code, Detail: fault.Error()}
		}
		return "", err
	}
	if len(answer) != 1 || !isLink(string(answer[0].URL)) {
		return "", &files.Missing{Code: files.NotTaken, Detail: "the answer names no file"}
	}
	return string(answer[0].URL), nil
}

// isLink tells whether s is what an attachment may lead to.
func isLink(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http")
}
