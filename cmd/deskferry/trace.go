package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"github.com/go-logr/logr"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/deskferry/deskferry/importer"
)

const flushTraces = 5 * time.Second

// traces tell an OpenTelemetry collector what a sync spends its time with: a span for each part of it, with counts and ids as
// attributes, never a text, an address of a person or a key.
type traces struct {
	tracer trace.Tracer
	close  func() error
}

// openTraces makes traces as the standard environment variables of OpenTelemetry say; without them, none.
func openTraces(ctx context.Context, lookup func(string) (string, bool), log *slog.Logger) (*traces, error) {
	get := func(name string) string { v, _ := lookup(name); return strings.TrimSpace(v) }
	off := strings.EqualFold(get("OTEL_SDK_DISABLED"), "true") || strings.EqualFold(get("OTEL_TRACES_EXPORTER"), "none")
	if off || get("OTEL_EXPORTER_OTLP_ENDPOINT") == "" && get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") == "" {
		return &traces{tracer: noop.NewTracerProvider().Tracer("deskferry"), close: func() error { return nil }}, nil
	}
	for _, name := range []string{"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"} {
		if protocol := get(name); protocol != "" && protocol != "http/protobuf" {
			return nil, usagef("%s is %q: traces are sent as http/protobuf only", name, protocol)
		}
	}
	for _, name := range []string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"} {
		if u, err := url.Parse(get(name)); err != nil || get(name) != "" && (u.Scheme != "http" && u.Scheme != "https" || u.Host == "") {
			return nil, usagef("%s is no address of the kind http://collector:4318", name)
		}
	}
	// The library tells its errors through a global hook, by default on standard error; a collector that is down is no reason for
	// mail from cron.
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { log.Warn("traces could not be sent", "error", err.Error()) }))
	otel.SetLogger(logr.FromSlogHandler(log.Handler())) // by default on standard error too
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, fmt.Errorf("sending traces: %w; the variables OTEL_EXPORTER_OTLP_… say where to", err)
	}
	about, err := resource.New(ctx, resource.WithAttributes(attribute.String("service.name", "deskferry"), attribute.String("service.version", versionText())),
		resource.WithTelemetrySDK(), resource.WithFromEnv())
	if err != nil && !errors.Is(err, resource.ErrPartialResource) {
		return nil, fmt.Errorf("sending traces: %w; OTEL_RESOURCE_ATTRIBUTES may be at fault", err)
	}
	provider := sdk.NewTracerProvider(sdk.WithBatcher(exporter), sdk.WithResource(about))
	return &traces{tracer: provider.Tracer("github.com/deskferry/deskferry"), close: func() error {
		ctx, cancel := context.WithTimeout(context.Background(), flushTraces)
		defer cancel()
		return provider.Shutdown(ctx)
	}}, nil
}

// in runs part as a span.
func (t *traces) in(ctx context.Context, name string, part func(context.Context) error) error {
	ctx, span := t.tracer.Start(ctx, name)
	err := part(ctx)
	endSpan(span, err)
	return err
}

// endSpan ends a span with what became of it. An error's text may quote the source, so only its kind is told.
func endSpan(span trace.Span, err error) {
	if err != nil && !errors.Is(err, errIncomplete) {
		var o outcome
		o.classify(err, exitFailed)
		span.SetStatus(codes.Error, o.Outcome)
	}
	span.End()
}

// stepEvent notes a ticket that did not end well on the span at hand.
func stepEvent(span trace.Span, r importer.Result) {
	switch r.State {
	case importer.StateHeld, importer.StateRefused, importer.StateDoubt:
		span.AddEvent("ticket "+string(r.State), trace.WithAttributes(attribute.String("deskferry.state", string(r.State)),
			attribute.String("deskferry.reason", r.Reason), attribute.Int64("deskferry.ticket", int64(r.Ticket))))
	}
}

// sumAttributes are the counts of an account.
func sumAttributes(s *importer.Summary) []attribute.KeyValue {
	if s == nil {
		return nil
	}
	return []attribute.KeyValue{
		attribute.Int64("deskferry.records.read", s.Records.Read), attribute.Int64("deskferry.records.rejected", s.Records.Rejected),
		attribute.Int64("deskferry.tickets.imported", s.Tickets.Imported), attribute.Int64("deskferry.tickets.present", s.Tickets.Present),
		attribute.Int64("deskferry.tickets.held", s.Tickets.Held), attribute.Int64("deskferry.tickets.in_doubt", s.Tickets.InDoubt),
		attribute.Int64("deskferry.tickets.pending", s.Tickets.Pending), attribute.Int64("deskferry.messages.imported", s.Messages.Imported),
		attribute.Int64("deskferry.requests", s.Requests.Made),
	}
}
