FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
# .ci/run executes the RUN lines without Docker: one line each, paths relative to the sources.
# An empty TARGETOS or TARGETARCH (a builder that sets neither) means this machine's own.
ARG TARGETOS
ARG TARGETARCH
ARG VERSION=dev
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=$VERSION" -o groupsync ./cmd/groupsync

FROM scratch
ARG VERSION=dev
ARG SOURCE
ARG REVISION
ARG CREATED
LABEL org.opencontainers.image.title="groupsync" \
      org.opencontainers.image.description="Brings the customer groups of an Ecwid store in line with a CSV or Excel file" \
      org.opencontainers.image.version=$VERSION \
      org.opencontainers.image.source=$SOURCE \
      org.opencontainers.image.revision=$REVISION \
      org.opencontainers.image.created=$CREATED
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /src/groupsync /groupsync
USER 65532:65532
ENTRYPOINT ["/groupsync"]
