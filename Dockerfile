FROM openpolicyagent/opa:1.22.0-static AS opa

FROM node:26.10.0-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The optional packages bring Node itself, which this image already is.
RUN npm ci --omit=dev --omit=optional

FROM node:26.10.0-slim
ENV NODE_ENV=production PORTCULLIS_HOST=0.0.0.0 PORTCULLIS_PORT=8080 PORTCULLIS_DATA_DIR=/data
WORKDIR /app
COPY --from=opa /opa /usr/local/bin/opa
COPY --from=dependencies /app/node_modules node_modules
COPY package.json openapi.yaml LICENSE ./
COPY scripts/healthcheck.ts scripts/
COPY policies policies
COPY src src
# The service writes nowhere else: run it with a read-only root file system.
RUN install -d -o node -g node -m 0700 /data
VOLUME /data
USER 1000:1000
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["node", "scripts/healthcheck.ts"]
CMD ["node", "src/main.ts"]
