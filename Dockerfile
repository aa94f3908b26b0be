# docker build --build-arg VERSION=1.2.3 -t userstatus .
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=devel
RUN make static OUT=/out/userstatus VERSION=$VERSION && go run ./licences -notices /out/NOTICES && mkdir /out/data

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/userstatus /usr/local/bin/userstatus
COPY --from=build /out/NOTICES /usr/share/doc/userstatus/NOTICES
COPY --from=build --chown=65532:65532 /out/data /var/lib/userstatus
ENV PATH=/usr/local/bin USERSTATUS_LISTEN=:8080
USER 65532:65532
WORKDIR /var/lib/userstatus
VOLUME /var/lib/userstatus
EXPOSE 8080
# A stop takes up to 10 s: docker stop -t 15.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=4s --start-period=10s CMD ["userstatus", "health"]
ENTRYPOINT ["userstatus"]
