from typing import Any

from tests.api.running import Site


def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": operation
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }


def examples(document: dict[str, Any], content: dict[str, Any]) -> bool:
    """Whether a body has an example, its own or its schema's, or its items' schema's."""
    for media in content.values():
        schema = media.get("schema", {})
        if "example" in media or "examples" in media or schema.get("format") == "binary":
            return True
        named = schema.get("$ref", "").rpartition("/")[2]
        schema = document["components"]["schemas"].get(named, schema)
        items = schema.get("properties", {}).get("items", {}).get("items", {}).get("$ref", "").rpartition("/")[2]
        schema = document["components"]["schemas"].get(items, schema)
        if "examples" in schema:
            return True
    return False


def test_every_operation_is_summarised_explained_and_exemplified(site: Site) -> None:
    document = site.client().get("/openapi.json").json()

    for name, operation in operations(document).items():
        assert operation["summary"], name
        assert operation["description"], name
        if "requestBody" in operation:
            assert examples(document, operation["requestBody"]["content"]), name
        for status, response in operation["responses"].items():
            if "content" in response:
                assert examples(document, response["content"]), (name, status)


def test_every_operation_of_the_api_declares_its_key_and_its_problems(site: Site) -> None:
    document = site.client().get("/openapi.json").json()

    for name, operation in operations(document).items():
        if "/api/" not in name and "/metrics" not in name:
            continue
        assert {"key": []} in operation["security"], name
        for status in ("401", "403", "413", "422", "503"):
            assert list(operation["responses"][status]["content"]) == ["application/problem+json"], name


def test_every_path_of_the_interface_is_there(site: Site) -> None:
    document = site.client().get("/openapi.json").json()

    assert {
        "/health",
        "/metrics",
        "/api/v1/cameras",
        "/api/v1/cameras/probe",
        "/api/v1/cameras/{camera_id}",
        "/api/v1/rules",
        "/api/v1/rules/explain",
        "/api/v1/endpoints",
        "/api/v1/endpoints/{endpoint_id}/test",
        "/api/v1/incidents",
        "/api/v1/incidents/{incident_id}/acknowledge",
        "/api/v1/incidents/{incident_id}/feedback",
        "/api/v1/deliveries",
        "/api/v1/deliveries/{delivery_id}/replay",
        "/api/v1/evidence/{path}",
        "/api/v1/events",
        "/api/v1/keys",
    } <= set(document["paths"])
