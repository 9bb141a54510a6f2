# One image, four services: the command decides which room runs.
FROM python:3.12-slim-bookworm

RUN useradd --create-home --uid 10001 plainwatch && mkdir /data && chown plainwatch:plainwatch /data
WORKDIR /app
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY contracts contracts
COPY rules rules
COPY store store
COPY ingest ingest
COPY analyzer analyzer
COPY alerts alerts
COPY api api
COPY plainwatch plainwatch
# For the engine vlm: docker compose build --build-arg EXTRAS=[vlm] (2 GB more; add TORCH_INDEX for a build of torch
# with or without CUDA). The engines edge and openai need none of it.
ARG EXTRAS=
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
RUN case "$EXTRAS" in *vlm*|*export*|*dev*) \
    pip install --no-cache-dir --no-deps --index-url "$TORCH_INDEX" torch==2.13.0 ;; esac
# The headless build is laid over opencv-python: its windows need libraries that this image does not carry.
RUN pip install --no-cache-dir --constraint constraints.txt ".${EXTRAS}" \
    && pip install --no-cache-dir --no-deps "opencv-python-headless==$(python -c 'from importlib.metadata import version; print(version("opencv-python"))')"

USER plainwatch
ENV PLAINWATCH_DATA_DIR=/data PLAINWATCH_LOG_JSON=true
VOLUME /data
CMD ["python", "-m", "api"]
