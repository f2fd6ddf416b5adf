// All eigenvalues and eigenvectors of a symmetric matrix.
#pragma once

#include <cstddef>
#include <vector>

namespace basewise::learn::detail {

struct EigenPairs {
  std::vector<double> values = {};   ///< (n), the largest first
  std::vector<double> vectors = {};  ///< (n, n): row i belongs to value i, and has length 1
};

/// Of a symmetric (n, n) matrix of finite numbers: Householder's reduction to three diagonals, then
/// implicit QR steps with Wilkinson's shift (Golub and Van Loan, Matrix Computations, 8.3). The
/// same for any number of threads.
/// Errors: ArgumentError for a matrix that is not n by n;
/// InternalError where steps do not converge.
EigenPairs symmetric_eigen(std::vector<double> matrix, std::size_t n);

}  // namespace basewise::learn::detail
