/** How much there may be. @see spec-matching 9.3.3 */
export const DEPLOYMENT_LIMITS = { deployments: 100, versions: 100, queuesOfVersion: 100 } as const;
