/** Its full name, of which the paths of its methods are made. */
export const OPERATOR_SERVICE = 'duramesh.operator.v1.OperatorService';
