# The image of cat-etc-hosts and run-once, and, by itself, the plugin kubectl run-once:
#   docker build -t cat-etc-hosts .
#   docker build --target plugin --output DIR .

# kubectl run-once: one static file, built on the platform that it is for.
FROM swift:6.3-bookworm AS plugin-build
WORKDIR /source
COPY . .
RUN swift build -c release --product kubectl-run_once -Xswiftc -static-executable -Xlinker -s \
 && mkdir /plugin \
 && cp .build/release/kubectl-run_once /plugin/

FROM scratch AS plugin
COPY --from=plugin-build /plugin/ /

# The image: two static binaries and nothing else.
# Built for the platform that is asked for, on the one that builds, without emulation.
FROM --platform=$BUILDPLATFORM swift:6.3-bookworm AS build
ARG TARGETARCH
RUN arch=${TARGETARCH:-$(dpkg --print-architecture)} \
 && case $arch in amd64 | arm64) ;; *) echo "there is no toolset for $arch: only amd64 and arm64" >&2; exit 1 ;; esac \
 && dpkg --add-architecture "$arch" \
 && apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends "musl-dev:$arch" \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
RUN arch=${TARGETARCH:-$(dpkg --print-architecture)} \
 && case $arch in amd64) triple=x86_64-unknown-none-elf ;; arm64) triple=aarch64-none-none-elf ;; esac \
 && mkdir /image \
 && for program in cat-etc-hosts run-once; do \
      swift build -c release --triple "$triple" --toolset "Toolsets/$arch.json" --scratch-path ".build/$arch" \
        --product "$program" \
      && cp ".build/$arch/release/$program" /image/ \
      # One time for all builds, so that the same sources give the same layer.
      && touch -d @0 "/image/$program" || exit; \
    done

FROM scratch
LABEL org.opencontainers.image.title="cat-etc-hosts" \
      org.opencontainers.image.description="Runs a task once on every node: prints its /etc/hosts, or runs any command" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /image/ /
# Numeric, so that kubelet can tell that it is not root.
USER 65532:65532
ENTRYPOINT ["/cat-etc-hosts"]
