# The image of a release, from the programs that goreleaser has built. Its labels are in .goreleaser.yaml.
FROM --platform=$BUILDPLATFORM golang:1.26 AS certificates

FROM scratch
ARG TARGETPLATFORM
COPY --from=certificates /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY $TARGETPLATFORM/groupsync /groupsync
USER 65532:65532
ENTRYPOINT ["/groupsync"]
