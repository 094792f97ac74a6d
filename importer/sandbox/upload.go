package sandbox

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"path"
	"strconv"

	"github.com/zeebo/xxh3"
)

// upload is POST /api/upload?type=attachment: multipart files in, their addresses out. The bytes are not kept.
func (s *Server) upload(w http.ResponseWriter, r *http.Request) {
	q := newQuery(r.URL.RawQuery, "type")
	q.oneOf("type", "attachment", "attachment", "public_attachment", "profile_picture", "widget_picture")
	err := q.err()
	var files []map[string]any
	if err == nil {
		files, err = s.readFiles(r)
	}
	if err != nil {
		fail(w, err)
		return
	}
	s.counts.uploads.Add(int64(len(files)))
	answer(w, s.unknowns.created(), files)
}

func (s *Server) readFiles(r *http.Request) ([]map[string]any, error) {
	form, err := r.MultipartReader()
	if err != nil {
		return nil, invalidField("file", "Send multipart/form-data.")
	}
	var files []map[string]any
	for {
		part, err := form.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, invalidField("file", "Not a valid multipart body.")
		}
		if part.FormName() != "file" || part.FileName() == "" {
			return nil, invalidField(part.FormName(), "Unknown field.")
		}
		file, err := s.readFile(part)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	if len(files) == 0 {
		return nil, invalidField("file", "Missing data for required field.")
	}
	return files, nil
}

func (s *Server) readFile(part *multipart.Part) (map[string]any, error) {
	limit := s.unknowns.uploadLimit()
	sum := xxh3.New()
	n, err := io.Copy(sum, io.LimitReader(part, limit+1))
	if err != nil {
		return nil, invalidField("file", "Not a valid multipart body.")
	}
	if n > limit {
		return nil, tooLarge(limit)
	}
	kind := part.Header.Get("Content-Type")
	if media, _, err := mime.ParseMediaType(kind); err != nil || media == "" {
		if kind = mime.TypeByExtension(path.Ext(part.FileName())); kind == "" {
			kind = "application/octet-stream"
		}
	}
	file := map[string]any{
		"url":          fmt.Sprintf("https://uploads.sandbox.invalid/%016x/%s", sum.Sum64(), url.PathEscape(part.FileName())),
		"name":         part.FileName(),
		"content_type": kind,
		"size":         n,
	}
	if s.unknowns.SizeAsString {
		file["size"] = strconv.FormatInt(n, 10)
	}
	return file, nil
}

func tooLarge(limit int64) *refusal {
	return &refusal{status: http.StatusRequestEntityTooLarge, msg: fmt.Sprintf("Request too large: at most %d bytes.", limit)}
}

// body reads a request's JSON object, once the query is known to be right.
func (s *Server) body(r *http.Request, q *query) (value, error) {
	if err := q.err(); err != nil {
		return value{}, err
	}
	b, err := io.ReadAll(r.Body)
	if err != nil {
		return value{}, &refusal{status: http.StatusBadRequest, msg: "The body could not be read."}
	}
	v, err := parse(b)
	if err == nil && v.kind != '{' {
		err = errors.New("not an object")
	}
	if err != nil {
		return value{}, &refusal{status: http.StatusBadRequest, msg: "Invalid JSON: " + err.Error()}
	}
	return v, nil
}

// pathID reads an id out of the path; what is no number is no such thing.
func pathID(r *http.Request, name, what string) (int64, error) {
	id, err := strconv.ParseInt(r.PathValue(name), 10, 64)
	if err != nil || id < 0 {
		return 0, notFound(what, r.PathValue(name))
	}
	return id, nil
}

func messagePath(r *http.Request) (ticket, message int64, err error) {
	if ticket, err = pathID(r, "id", "Ticket"); err != nil {
		return 0, 0, err
	}
	message, err = pathID(r, "message", "Message")
	return ticket, message, err
}
