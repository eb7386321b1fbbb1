/** The one attempt a plan bundle may ever get: its id follows from the plan run's. */
export function attemptIdOf(planRunId: string): string {
  return `${planRunId}.apply`;
}
