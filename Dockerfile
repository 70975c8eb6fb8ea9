# docs/deployment.md explains how the images are run.
ARG NODE_IMAGE=docker.io/library/node:24.21.0-bookworm-slim

FROM $NODE_IMAGE AS build
WORKDIR /build
# .tools holds the pinned pnpm and its store. A cache mount keeps it between builds and out of the images.
ENV pnpm_config_store_dir=/build/.tools/pnpm/store pnpm_config_cache_dir=/build/.tools/pnpm/cache
COPY . .
RUN --mount=type=cache,target=/build/.tools npm run build
# The images need neither the compiler nor the embedded servers.
RUN --mount=type=cache,target=/build/.tools \
    rm -rf node_modules packages/*/node_modules services/*/node_modules \
 && .tools/node_modules/.bin/pnpm install --prod --no-optional --frozen-lockfile --offline
# The demo serves its browser modules and texts from src, so they stay.
RUN find packages services -name '*.ts' -not -path 'packages/demo/src/browser/*' -not -path 'packages/demo/src/text/*' -delete \
 && mkdir -p /out/gateway /out/demo \
 && cp -a --parents package.json node_modules hosts services packages/shared packages/host-kit packages/operations packages/ops /out/gateway \
 && cp -a --parents packages/demo packages/display-client packages/local-stack packages/simulator /out/demo

FROM $NODE_IMAGE AS gateway
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /out/gateway ./
USER node
CMD ["node", "services/api/dist/main.js"]

# The simulated providers and the demo's pages. A shop does not run this image.
FROM gateway AS demo
COPY --from=build /out/demo ./
CMD ["node", "packages/simulator/dist/main.js"]
