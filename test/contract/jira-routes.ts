/** `GET /rest/api/3/issue/{issueIdOrKey}` and `GET /rest/api/3/issue/:key` alike become `GET /issue/{}`. */
export function templated(route: string): string {
  return route.replace(/\/rest\/api\/[23]/, '').replaceAll(/\{[^}]+\}|:[A-Za-z]+/g, '{}');
}
