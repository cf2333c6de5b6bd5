"use strict";

// Swagger UI would read the document as YAML, and bring all of it into a form of its own before it
// shows anything, which takes seconds. All that ours needs is to follow references within itself.
const readQuickly = () => {
  let whole = {};

  const follow = (value, above) => {
    if (value === null || typeof value !== "object") return value;
    if (Array.isArray(value)) return value.map((each) => follow(each, above));
    if (typeof value.$ref !== "string") {
      return Object.fromEntries(
        Object.entries(value).map(([name, each]) => [name, follow(each, above)]),
      );
    }
    const { $ref: reference, ...beside } = value;
    if (above.includes(reference)) return {};
    const steps = reference.slice("#/".length).split("/");
    const found = find(steps);
    const title = steps[1] === "schemas" ? { title: steps[2] } : {};
    return { ...title, ...follow(found, [...above, reference]), ...follow(beside, above) };
  };

  const find = (steps) => steps.reduce((part, step) => part?.[step], whole);

  const parseToJson = (_original, { specActions }) => (text) => {
    whole = JSON.parse(text);
    specActions.updateJsonSpec(whole);
  };

  const requestResolvedSubtree = (_original, { specActions }) => (path) => {
    specActions.updateResolvedSubtree(path, follow(find(path), []));
  };

  return { statePlugins: { spec: { wrapActions: { parseToJson, requestResolvedSubtree } } } };
};

const requestInterceptor = (request) => {
  if (!["GET", undefined].includes(request.method)) {
    request.headers["{{ csrf_header_name }}"] = "{{ csrf_token }}";
  }
  return request;
};

SwaggerUIBundle({
  url: "{{ schema_url|escapejs }}",
  dom_id: "#swagger-ui",
  presets: [SwaggerUIBundle.presets.apis],
  plugins: [readQuickly],
  layout: "BaseLayout",
  requestInterceptor,
  ...{{ settings|safe }},
});
